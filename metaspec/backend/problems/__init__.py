"""Optimisation problems: `functions(config) -> Objective`.

Parameters are a tuple of tensors (tasks, *shape) in the order that the kind declares them, an instance's data a tree of
arrays, stacked on the task axis when instances are learned together.
"""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.spec.kind import Problem

Params = tuple[tf.Tensor, ...]


class Objective(NamedTuple):
    """One problem.

    `data(draw)` makes an instance's data in float64; `start(data, key, shapes, dtype)` draws parameters
    (tasks, *shape); `loss(data, params, rows)` is the objective (tasks,) over some rows of the data, or over all where
    `rows` is None.
    `matrices` names the data that only `product` reads, or `taken` before it.
    `rows` and `batch` are how many rows there are and how many a step takes, 0 for problems without rows; `noise`, one
    for each tensor, and `zero` concern the gradient. `accuracy(data, params)` (tasks,), where there is one, is on rows
    that are never learned from.
    """

    data: Callable[[np.random.Generator], dict[str, np.ndarray]]
    start: Callable[[Tree, tf.Tensor, tuple[tuple[int, ...], ...], tf.DType], Params]
    loss: Callable[[Tree, Params, tf.Tensor | None], tf.Tensor]
    noise: tuple[float, ...]
    rows: int = 0
    batch: int = 0
    zero: float = 0.0
    accuracy: Callable[[Tree, Params], tf.Tensor] | None = None
    matrices: tuple[str, ...] = ()


def objective(config: Problem) -> Objective:
    """What executes a problem."""
    return import_module(config.executed_by.format(name=config.name)).functions(config)


def taken(values: tf.Tensor, rows: tf.Tensor | None, axis: int = 1) -> tf.Tensor:
    """Some rows of (tasks, rows, ...), the same for all tasks."""
    return values if rows is None else tf.gather(values, rows, axis=axis)


def product(matrix: tf.Tensor, vector: tf.Tensor) -> tf.Tensor:
    """Matrices (tasks, m, n) times vectors (tasks, n): (tasks, m).

    The matrix of a single task comes without the task axis: XLA would fuse taking that axis away into the product, and
    so make it a plain loop, which is many times slower than its own products.
    """
    if matrix.shape.rank == 2:
        return tf.linalg.matvec(matrix, vector[0])[tf.newaxis]
    return tf.linalg.matvec(matrix, vector)


def summed(values: tf.Tensor) -> tf.Tensor:
    """The sum of everything but the task axis."""
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))
