"""STAR (Harrison et al. 2022): a step by hand and a decay beside the learned step, to keep it stable.

    theta' = (1 - decay) theta - p * step - nominal * mean over k of m_k / sqrt(v + 1e-6)

with momenta m_k of decays 0.9, 0.99, 0.999, mean squares v of decay 0.999, and p = 1 / sqrt(v + 1e-6) where the learned
step is preconditioned, else 1. (The original can also steer `nominal` and `decay` by outputs of its network.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.spec.optimizer import LearnedInner

MOMENTA, SQUARES = (0.9, 0.99, 0.999), 0.999


def with_star(config: LearnedInner, optimizer: Optimizer) -> Optimizer:
    """The optimizer with its step stabilised as its fields say; itself where they say nothing."""
    if not (config.nominal or config.decay or config.preconditioned):
        return optimizer

    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        momenta = tf.zeros((len(MOMENTA), *params.shape), params.dtype)
        own = {"star_momenta": momenta, "star_squares": tf.zeros_like(params)}
        return optimizer.init(weights, params, key) | own

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        learned, after = optimizer.step(weights, memory, params, gradient, number)
        decays = tf.constant(MOMENTA, params.dtype)[:, tf.newaxis, tf.newaxis]
        momenta = gradient + decays * (memory["star_momenta"] - gradient)
        squares = SQUARES * memory["star_squares"] + (1 - SQUARES) * tf.square(gradient)
        scale = tf.math.rsqrt(squares + 1e-6)
        moved = (params - learned) * (scale if config.preconditioned else 1.0)
        nominal = config.nominal * scale * tf.reduce_mean(momenta, axis=0)
        kept = {"star_momenta": momenta, "star_squares": squares}
        return (1 - config.decay) * params - moved - nominal, after | kept

    return Optimizer(init, step, optimizer.attended)
