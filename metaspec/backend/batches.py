"""Mini-batches of tasks whose items are shared: drawn inside the graph from the number of a step alone."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.keys import QUERY, STEPS, fold, uniform
from metaspec.backend.records import Batch


def drawn(items: Batch, count: int, key: tf.Tensor) -> Batch:
    """`count` items of each task, drawn with replacement.

    Inputs (1, items, ...) that all tasks share, or (tasks, items, ...); targets (tasks, items, ...).
    """
    tasks, size = items.targets.shape[:2]
    rows = tf.cast(uniform(key, (tasks, count), tf.float32) * size, tf.int32)
    rows = tf.minimum(rows, size - 1)  # a product just below `size` may round up to it
    targets = tf.gather(items.targets, rows, batch_dims=1)
    if items.inputs.shape[0] == tasks:
        return Batch(tf.gather(items.inputs, rows, batch_dims=1), targets)
    return Batch(tf.gather(items.inputs[0], rows), targets)


def by_step(count: int | None, key: tf.Tensor) -> Callable[[Batch, tf.Tensor | int], Batch]:
    """What an inner step sees of the support set: `count` items of its own, or everything."""
    stream = fold(key, STEPS)
    return lambda support, number: support if count is None else drawn(support, count, fold(stream, number))


def of_query(query: Batch, count: int | None, key: tf.Tensor) -> Batch:
    """What a trajectory's objective is taken on."""
    return query if count is None else drawn(query, count, fold(key, QUERY))
