"""What the similarity of task instances is measured on: their meta-gradients, or their parameters after adaptation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from metaspec.backend.compile import Parts, prepared
from metaspec.backend.records import Episode, State, Tree
from metaspec.cluster.projection import project
from metaspec.plan.model import Plan, Shard

Arrays = dict[str, np.ndarray]

# Draws of a task (data, initial weights) that features are a mean over.
BATCHES = 4


def features(plan: Plan, shard: Shard, iteration: int, one: Callable[[int, Shard], Arrays]) -> np.ndarray:
    """(tasks, 256) in float64: for each task of a shard the mean over `BATCHES` draws, projected.

    `one(iteration, shard)` has the arrays of a single task, with the draws of a meta-iteration; those of this one and
    the next are taken. Every array is laid one behind the other in the order of its name.
    """
    rows = []
    for place in range(shard.count):
        alone = shard.model_copy(update={
            "index": shard.index + place, "first": shard.first + place, "count": 1,
            "instances": shard.instances[place : place + 1],
        })
        rows.append(np.mean([flat(one(iteration + batch, alone)) for batch in range(BATCHES)], axis=0))
    longest = max(len(row) for row in rows)
    vectors = np.stack([np.pad(row, (0, longest - len(row))) for row in rows])
    return project(vectors, plan.spec.train.seed)


def adaptation(parts: Parts, compiled: bool) -> Callable:
    """(meta, episode, key) -> the model's parameters after the inner steps of training, each (tasks, ...)."""
    learning = parts.learning
    method = learning.method(1)

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, episode: Episode, key: tf.Tensor) -> Tree:
        settings, params, episode = learning.start(meta, prepared(episode, parts.dtype), key)
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
