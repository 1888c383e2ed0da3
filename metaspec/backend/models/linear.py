"""y = x W + b on the flattened input."""

import tensorflow as tf

from metaspec.backend.layers.dense import dense, flat
from metaspec.backend.records import Tree
from metaspec.kinds.models.linear import Linear


def build(config: Linear, compiled: bool):
    def apply(params: Tree, inputs: tf.Tensor) -> tf.Tensor:
        """(tasks, items, ...) -> (tasks, items, outputs)."""
        return dense(flat(inputs), params["head.kernel"], params["head.bias"])

    return apply
