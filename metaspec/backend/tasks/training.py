"""Training on one data set: items lie in memory once, in a tensor that all tasks share."""

from functools import cache as remembered
from pathlib import Path

import numpy as np
import tensorflow as tf

from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.data.store import open_store
from metaspec.kinds.tasks.training import Training
from metaspec.plan.model import TaskPlan

# The part that a meta-iteration or an evaluation asks its questions from; all train on the training part.
QUERIES = {"train": "validation", "validation": "validation", "test": "test"}


def functions(config: Training, task: TaskPlan, seed: int, cache: Path | None) -> TaskFunctions:
    """Inputs (1, items, ...) in 0..1, or the numbers of an npz; targets (tasks, items), classes in the table's order."""
    found = config.found(Path(task.location) if task.location else None)
    store = open_store(found.source, cache, verify=False)
    classes = found.table.row_classes()

    @remembered
    def part(name: str) -> tuple[tf.Tensor, np.ndarray]:
        rows = getattr(found.rows, name)
        inputs = np.asarray(store.items[rows], np.float32) * np.float32(store.scale)
        return tf.constant(inputs[np.newaxis]), classes[rows]

    def batch(name: str, count: int) -> Batch:
        inputs, targets = part(name)
        return Batch(inputs, np.tile(targets, (count, 1)))

    def gather(split: str, iteration: int, first: int, count: int) -> Episode:
        return Episode(batch("train", count), batch(QUERIES[split], count))

    return TaskFunctions(gather=gather)
