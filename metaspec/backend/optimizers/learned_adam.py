"""theta <- theta - r m^ / (sqrt(v^ + 1e-10) + epsilon), with learned r, decays and epsilon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.learned_adam import LearnedAdam


def optimizer(config: LearnedAdam, layout: Layout) -> Optimizer:
    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        return {"first": tf.zeros_like(params), "second": tf.zeros_like(params)}

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        beta1, beta2 = tf.sigmoid(weights["beta1"]), tf.sigmoid(weights["beta2"])
        count = tf.cast(number, params.dtype) + 1
        first = beta1 * memory["first"] + (1 - beta1) * gradient
        second = memory["second"]
        if not config.faithful:
            second = beta2 * second + (1 - beta2) * tf.square(gradient)
        size = tf.sqrt(second / (1 - tf.pow(beta2, count)) + 1e-10) + tf.exp(weights["log_epsilon"])
        moved = tf.exp(weights["log_rate"]) * first / (1 - tf.pow(beta1, count)) / size
        return params - moved, {"first": first, "second": second}

    return Optimizer(init, step)
