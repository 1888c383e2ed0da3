"""One small network on 19 features of every parameter (Metz et al. 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout, by_tensor
from metaspec.backend.optimizers.network import applied, normalised, times

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.mlp_optimizer import MlpOptimizer


def optimizer(config: MlpOptimizer, layout: Layout) -> Optimizer:
    of_tensor = by_tensor(layout)

    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        return {"momenta": tf.zeros((len(config.momenta), *params.shape), params.dtype)}

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        decays = tf.constant(config.momenta, params.dtype)[:, tf.newaxis, tf.newaxis]
        momenta = decays * memory["momenta"] + (1 - decays) * gradient
        features = tf.concat([gradient[tf.newaxis], params[tf.newaxis], momenta], axis=0)
        time = times(number, config.times, params.dtype)
        direction, size = tf.unstack(
            applied(weights, normalised(features, of_tensor), time, len(config.hidden) + 1), num=2
        )
        after = params - config.step_scale * direction * tf.exp(config.exponent_scale * size)
        return after, {"momenta": momenta}

    return Optimizer(init, step)
