"""theta <- theta - r[number] g."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.learned_schedule import LearnedSchedule


def optimizer(config: LearnedSchedule, layout: Layout) -> Optimizer:
    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        rates = weights["rates"]
        # A product with one row of ones and zeros, whose gradient is dense: that of a gather is a scatter.
        row = tf.one_hot(tf.minimum(number, rates.shape[0] - 1), rates.shape[0], dtype=rates.dtype)
        return params - tf.tensordot(row, rates, 1) * gradient, memory

    return Optimizer(lambda weights, params, key: {}, step)
