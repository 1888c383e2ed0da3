"""What the similarity of task instances is measured on: their meta-gradients, or their parameters after adaptation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from metaspec.backend.arrays import Arrays
from metaspec.backend.compile import Parts, arranged
from metaspec.backend.records import Episode, State, Tree
from metaspec.cluster.projection import project

# Draws of data and initial weights that features are a mean over.
BATCHES = 4


def features(seed: int, iteration: int, one: Callable[[int], Arrays]) -> np.ndarray:
    """(1, 256) in float64: the mean over `BATCHES` draws, projected.

    `one(iteration)` has the arrays of an instance with the draws of a meta-iteration; those of this one and of the
    next are taken. The arrays are laid one behind the other in the order of their names.
    """
    rows = [flat(one(iteration + batch)) for batch in range(BATCHES)]
    return project(np.mean(rows, axis=0)[np.newaxis], seed)


def adaptation(parts: Parts, compiled: bool) -> Callable:
    """(meta, episode, key) -> the model's parameters after the inner steps of training, each (tasks, ...)."""
    learning = parts.learning
    method = learning.method(1)

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, episode: Episode, key: tf.Tensor) -> Tree:
        settings, params, episode = learning.start(meta, arranged(episode, parts), key)
        state = method.init(settings, episode.support, params)

        def body(number: tf.Tensor, state: State) -> tuple[tf.Tensor, State]:
            return number + 1, method.step(settings, state, episode.support, number)

        steps = learning.steps
        _, state = tf.while_loop(
            lambda number, _: number < steps, body, (tf.constant(0), state), maximum_iterations=steps
        )
        return state.params

    return run


def flat(arrays: Arrays) -> np.ndarray:
    return np.concatenate([arrays[name].astype(np.float64).ravel() for name in sorted(arrays)])
