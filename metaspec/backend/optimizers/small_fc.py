"""A very small network on 39 features of every parameter, Adafactor's among them (Metz et al. 2022)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.factored import Factored, factor_shapes, factored
from metaspec.backend.optimizers.layout import Layout, by_tensor
from metaspec.backend.optimizers.network import applied, normalised, times

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.small_fc import SmallFc


def optimizer(config: SmallFc, layout: Layout) -> Optimizer:
    of_tensor = by_tensor(layout)

    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        tasks, dtype = params.shape[0], params.dtype
        memory = {
            "momenta": tf.zeros((len(config.momenta), *params.shape), dtype),
            "squares": tf.zeros((len(config.squares), *params.shape), dtype),
        }
        for place, shape in enumerate(layout.shapes):
            for part, kept in enumerate(factor_shapes(shape)):
                memory[f"factor{place}.{part}"] = tf.zeros((len(config.factors), tasks, *kept), dtype)
        return memory

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        momentum = decays(config.momenta, weights["momentum_decays"])[:, tf.newaxis, tf.newaxis]
        square = bounded(decays(config.squares, weights["square_decays"]))[:, tf.newaxis, tf.newaxis]
        momenta = momentum * memory["momenta"] + (1 - momentum) * gradient
        squares = square * memory["squares"] + (1 - square) * tf.square(gradient)
        found, kept = factors(bounded(decays(config.factors, weights["factor_decays"])), memory, gradient)
        root = tf.math.rsqrt(squares + 1e-6)
        features = tf.concat(
            [
                gradient[tf.newaxis],
                params[tf.newaxis],
                momenta,
                squares,
                momenta * root,
                root,
                found.scaled,
                found.rows,
                found.columns,
                tf.math.rsqrt(found.rows + 1e-8),
                tf.math.rsqrt(found.columns + 1e-8),
                momenta * found.multiplier,
            ],
            axis=0,
        )
        time = times(number, config.times, params.dtype)
        direction, size = tf.unstack(
            applied(weights, normalised(features, of_tensor), time, len(config.hidden) + 1), num=2
        )
        after = params - config.step_scale * direction * tf.exp(config.exponent_scale * size)
        return after, kept | {"momenta": momenta, "squares": squares}

    def factors(decay: tf.Tensor, memory: Tree, gradient: tf.Tensor) -> tuple[Factored, Tree]:
        """The factored mean squares of all tensors, laid behind each other, and what is kept of each."""
        parts, kept = [], {}
        for place, (shape, own) in enumerate(zip(layout.shapes, tf.split(gradient, layout.sizes, axis=1), strict=True)):
            names = [f"factor{place}.{part}" for part in range(len(factor_shapes(shape)))]
            part = factored(shape, own, decay, tuple(memory[name] for name in names))
            parts.append(part)
            kept |= dict(zip(names, part.kept, strict=True))
        whole = [tf.concat(values, axis=-1) for values in zip(*(part[:4] for part in parts), strict=True)]
        return Factored(*whole, ()), kept

    return Optimizer(init, step)


def decays(starts: tuple[float, ...], offset: tf.Tensor) -> tf.Tensor:
    """1 - (1 - start) exp(10 offset)."""
    return 1 - (1 - tf.constant(starts, offset.dtype)) * tf.exp(10 * offset)


def bounded(decay: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(decay, 0, 1)
