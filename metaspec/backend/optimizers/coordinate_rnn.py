"""Stacked recurrent cells at every parameter by itself (Andrychowicz et al. 2016; Wichrowska et al. 2017)."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.cells import CELLS, affine
from metaspec.backend.optimizers.hierarchical_rnn import TINY, asinh
from metaspec.backend.optimizers.layout import Layout
from metaspec.backend.philox import uniform

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.coordinate_rnn import CoordinateRnn


def optimizer(config: CoordinateRnn, layout: Layout) -> Optimizer:
    cell = CELLS[config.cell]
    levels = [f"layer{number}" for number in range(1, len(config.sizes) + 1)]

    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        low, high = log(config.min_lr), log(config.max_lr)
        drawn = tf.exp(low + (high - low) * uniform(key, tuple(params.shape), params.dtype))
        memory = {"rate": drawn, "decay": tf.ones_like(params), "squares": tf.ones_like(params)}
        for level in levels:
            start = weights[f"{level}.start"]
            memory[level] = tf.broadcast_to(start[:, tf.newaxis, tf.newaxis], (start.shape[0], *params.shape))
        return memory

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        fresh = tf.square(gradient) + 1e-12
        squares = fresh + memory["decay"] * (memory["squares"] - fresh)
        values = asinh(gradient * tf.math.rsqrt(squares + TINY))[tf.newaxis]
        states = {}
        for level in levels:
            states[level] = cell.step(weights, level, values, memory[level], None)
            values = cell.output(states[level])
        names = ("update", "decay", "rate")
        said = affine(values, tf.concat([weights[f"{name}.kernel"] for name in names], axis=1))
        rate = memory["rate"] * 2 * tf.sigmoid(said[2] + weights["rate.bias"])
        decay = tf.sigmoid(said[1] + weights["decay.bias"])
        return params - rate * said[0], states | {"rate": rate, "decay": decay, "squares": squares}

    return Optimizer(init, step)
