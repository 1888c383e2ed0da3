"""Blocks of convolution, normalisation and a nonlinearity, with widths of their own, then one linear layer."""

from metaspec.backend.layers.blocks import network
from metaspec.backend.records import Network
from metaspec.kinds.models.conv import Conv


def build(config: Conv, compiled: bool) -> Network:
    return network(config, compiled)
