"""Four blocks of convolution, normalisation and relu, then one linear layer."""

from metaspec.backend.layers.blocks import network
from metaspec.backend.records import Network
from metaspec.kinds.models.conv4 import Conv4


def build(config: Conv4, compiled: bool) -> Network:
    return network(config, compiled)
