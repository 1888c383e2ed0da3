"""Prediction of a text: pieces lie in memory once, in tensors that all tasks share."""

from functools import cache as remembered
from pathlib import Path

import numpy as np
import tensorflow as tf

from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.backend.tasks.training import QUERIES
from metaspec.kinds.tasks.language import Language
from metaspec.plan.model import TaskPlan


def functions(config: Language, task: TaskPlan, seed: int, cache: Path | None) -> TaskFunctions:
    """Inputs (1, pieces, length) and targets (tasks, pieces, length): numbers of characters, and of those behind them."""
    found = config.found(Path(task.location) if task.location else None)

    @remembered
    def part(name: str) -> tuple[tf.Tensor, np.ndarray]:
        pieces = found.pieces(name)
        return tf.constant(pieces[np.newaxis, :, :-1]), pieces[:, 1:]

    def batch(name: str, count: int) -> Batch:
        inputs, targets = part(name)
        return Batch(inputs, np.tile(targets, (count, 1, 1)))

    def gather(split: str, iteration: int, first: int, count: int) -> Episode:
        return Episode(batch("train", count), batch(QUERIES[split], count))

    return TaskFunctions(gather=gather)
