"""Four blocks of convolution, normalisation and relu, then one linear layer."""

import tensorflow as tf

from metaspec.backend.layers import norm
from metaspec.backend.layers.conv import conv, max_pool
from metaspec.backend.layers.dense import flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.records import Network, Tree
from metaspec.kinds.models.conv4 import Conv4


def build(config: Conv4, compiled: bool) -> Network:
    strided = config.downsample == "stride"

    def features(params: Tree, inputs: tf.Tensor) -> tf.Tensor:
        """Images (tasks, items, height, width, channels) in 0..1 -> (tasks, items, width)."""
        values = inputs
        for number in range(1, 5):
            layer = f"conv{number}"
            values = conv(values, params[f"{layer}.kernel"], 2 if strided else 1, compiled)
            values = values + per_channel(params[f"{layer}.bias"])
            if config.norm != "none":
                values = normalised(values, config)
                values = values * per_channel(params[f"{layer}.scale"]) + per_channel(params[f"{layer}.shift"])
            values = tf.nn.relu(values)
            if not strided:
                values = max_pool(values)
        return tf.reduce_mean(values, axis=[2, 3]) if strided else flat(values)

    return Network(features, linear_head)


def per_channel(values: tf.Tensor) -> tf.Tensor:
    """(tasks, channels) -> (tasks, 1, 1, 1, channels)."""
    return values[:, tf.newaxis, tf.newaxis, tf.newaxis]


def normalised(values: tf.Tensor, config: Conv4) -> tf.Tensor:
    if config.norm == "batch":
        return norm.batch(values)
    return norm.layer(values) if config.norm == "layer" else norm.group(values, config.groups)
