"""Training on one data set: items lie in memory once, in a tensor that all tasks share."""

from functools import cache as remembered
from pathlib import Path

import numpy as np
import tensorflow as tf

from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.data.store import open_store
from metaspec.kinds.tasks.training import Training
from metaspec.plan.model import TaskPlan
from metaspec.seeds import generator
from metaspec.spec.kind import LearnedSource

# The part that a meta-iteration or an evaluation asks its questions from; all train on the training part.
QUERIES = {"train": "validation", "validation": "validation", "test": "test"}
# The same where a small set of items stands for the training part.
QUERIES_OF_SOURCE = {**QUERIES, "train": "train"}


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

    if config.source is None:
        return TaskFunctions(
            gather=lambda split, iteration, first, count: Episode(batch("train", count), batch(QUERIES[split], count))
        )
    source = config.source
    begun = starts(source, *part("train"), task.outputs, seed)
    targets = np.repeat(np.arange(task.outputs, dtype=np.int32), source.per_class)

    def gather(split: str, iteration: int, first: int, count: int) -> Episode:
        support = Batch(begun["items"][np.newaxis], np.tile(targets, (count, 1)))
        return Episode(support, batch(QUERIES_OF_SOURCE[split], count))

    return TaskFunctions(gather=gather, given=begun.__getitem__)


def starts(
    source: LearnedSource, inputs: tf.Tensor, classes: np.ndarray, count: int, seed: int
) -> dict[str, np.ndarray]:
    """Where a small set of items starts, class by class: `items` (items, ...) and `labels` (items, classes)."""
    draw = generator(seed, "learned items")
    if source.start == "noise":
        items = draw.random((source.per_class * count, *inputs.shape[2:])).astype(np.float32)
    else:
        # A class with fewer items than are asked for gives some of them more than once.
        rows = [np.flatnonzero(classes == each) for each in range(count)]
        chosen = [draw.choice(own, source.per_class, replace=len(own) < source.per_class) for own in rows]
        items = inputs.numpy()[0][np.concatenate(chosen)]
    return {"items": items, "labels": np.eye(count, dtype=np.float32).repeat(source.per_class, axis=0)}
