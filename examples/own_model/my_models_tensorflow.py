"""A model of one's own, the half with TensorFlow. Only the processes that compute import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.layers.dense import dense, flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.records import Network, Tree

if TYPE_CHECKING:
    from my_models import Residual


def build(config: Residual, compiled: bool) -> Network:
    """A pure function of parameters that all have a leading task axis: every task has weights of its own."""

    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """(tasks, items, ...) -> (tasks, items, width): all but the last layer."""

        def layer(name: str, values: tf.Tensor) -> tf.Tensor:
            return dense(values, params[f"{name}.kernel"], params[f"{name}.bias"])

        hidden = layer("first", flat(inputs))
        for block in range(1, config.blocks + 1):
            hidden += layer(f"block{block}_outer", tf.nn.relu(layer(f"block{block}_inner", hidden)))
        return tf.nn.relu(hidden)

    return Network(features, linear_head)
