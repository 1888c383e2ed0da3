"""A few tasks to look at: their items, and what the model says of them before adaptation and after inner steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

from metaspec.backend.arrays import Arrays, unpacked
from metaspec.backend.compile import arranged
from metaspec.backend.program import Program
from metaspec.backend.records import Batch, Episode
from metaspec.plan.model import Plan, Shard

LINE = 121  # points of the line that a regression on one number is drawn over


class Examples:
    """What a worker builds for a report, in the place of `Program`. Runs without compiling, once."""

    def __init__(self, plan: Plan, cache: Path | None = None) -> None:
        self.plan = plan
        self.program = Program(plan, cache)

    def examples(self, meta: Arrays, split: str, shard: Shard, steps: tuple[int, ...]) -> Arrays:
        """The tasks of a shard of the evaluation, and the outputs after each number of `steps`, increasing.

        `support_inputs`, `support_targets`, `query_inputs`, `query_targets`, each (tasks, items, ...), where tasks
        are unequal `support_weights`, where classes have names `class_names`, UTF-8 in lines of one after the other, and
        `outputs`, (steps, tasks, query items, outputs). Where an input is one number, also `line`, (points), and
        `line_outputs`, (steps, tasks, points).
        """
        program, parts = self.program, self.program.unit(shard).parts
        learning = parts.learning
        shown = program.episode(split, 0, shard)
        episode = arranged(shown, parts)
        both = tf.concat([tf.reshape(part.inputs, [-1]) for part in (shown.support, shown.query)], axis=0)
        low, high = float(tf.reduce_min(both)), float(tf.reduce_max(both))
        line = np.linspace(low, high, LINE) if shown.query.inputs.shape[2:] == (1,) else np.zeros(0)
        asked = self._with_line(episode, line) if len(line) else episode
        settings, params, asked = learning.start(unpacked(meta)[0], asked, program.key(f"initial/{split}", 0, shard))
        method = learning.method(1)
        state, found = method.init(settings, asked.support, params), []
        for number in range(steps[-1] + 1):
            if number in steps:
                found.append(method.predict(settings, state, asked.query.inputs).numpy())
            if number < steps[-1]:
                state = method.step(settings, state, asked.support, tf.constant(number))
        outputs, items = np.stack(found), shown.query.inputs.shape[1]
        arrays = {
            "support_inputs": shown.support.inputs,
            "support_targets": shown.support.targets,
            "query_inputs": shown.query.inputs,
            "query_targets": shown.query.targets,
            "outputs": outputs[:, :, :items],
        }
        if not isinstance(shown.support.weights, tuple):
            arrays["support_weights"] = shown.support.weights
        names = program.tasks[shard.task].names
        if names is not None:  # as bytes, since a file of arrays holds no texts
            lines = "\n".join(names(split, 0, shard.first, shard.count).ravel())
            arrays["class_names"] = np.frombuffer(lines.encode("utf-8"), np.uint8)
        if len(line):
            arrays |= {"line": line, "line_outputs": outputs[:, :, items:, 0]}
        return {name: np.ascontiguousarray(value) for name, value in arrays.items()}

    def _with_line(self, episode: Episode, line: np.ndarray) -> Episode:
        """The episode with the points of the line behind its query items."""
        inputs = episode.query.inputs
        points = tf.tile(tf.cast(line, inputs.dtype)[tf.newaxis, :, tf.newaxis], [inputs.shape[0], 1, 1])
        return Episode(episode.support, Batch(tf.concat([inputs, points], axis=1), episode.query.targets))


def rehearse(examples: Examples, part: int, parts: int) -> None:
    """Nothing is compiled, so nothing has to be rehearsed before a worker is ready."""
