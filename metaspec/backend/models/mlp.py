"""Fully connected layers with a nonlinearity after each but the last."""

import tensorflow as tf

from metaspec.backend.layers.dense import dense, flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.records import Network, Tree
from metaspec.kinds.models.mlp import Mlp

ACTIVATIONS = {
    "relu": tf.nn.relu,
    "tanh": tf.tanh,
    "sigmoid": tf.sigmoid,
    "elu": tf.nn.elu,
    "gelu": tf.nn.gelu,
    "softplus": tf.math.softplus,
}


def build(config: Mlp, compiled: bool) -> Network:
    nonlinearity = ACTIVATIONS[config.activation]

    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """(tasks, items, ...) -> (tasks, items, width)."""
        values = flat(inputs)
        if config.context:
            own = tf.broadcast_to(params["context.inputs"][:, tf.newaxis], (*values.shape[:2], config.context))
            values = tf.concat([values, own], axis=-1)
        for number in range(1, len(config.hidden) + 1):
            layer = f"hidden{number}"
            values = nonlinearity(dense(values, params[f"{layer}.kernel"], params[f"{layer}.bias"]))
        return values

    return Network(features, linear_head)
