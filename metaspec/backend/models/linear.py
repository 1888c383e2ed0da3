"""y = x W + b on the flattened input."""

import tensorflow as tf

from metaspec.backend.layers.dense import flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.records import Network, Tree
from metaspec.kinds.models.linear import Linear


def build(config: Linear, compiled: bool) -> Network:
    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """(tasks, items, ...) -> (tasks, items, width)."""
        return flat(inputs)

    return Network(features, linear_head)
