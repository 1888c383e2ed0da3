"""Where tensors lie on the element axis, and means over their elements.

Tasks of different shapes may lie one behind the other on the same axis: `owners` says which task a tensor is of.
Values at elements are (rows, tasks, elements): elements last, so that every operation runs along them whatever the
number of rows. Means are products with constant matrices, one for all tensors; the smallest ones are sums instead,
which join the loops around them.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend.trees import Tree

# Entries up to which a division into groups is a matrix. A network of 1 million weights in 20 tensors has 20 million.
DENSE = 1_000_000

# Items of a group up to which a sum is faster than a product.
SMALL = 16


class Layout(NamedTuple):
    """The tensors of one position of the task axis: their shapes in order, and the task each of them is of."""

    shapes: tuple[tuple[int, ...], ...]
    owners: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(prod(shape) for shape in self.shapes)

    @property
    def elements(self) -> int:
        return sum(self.sizes)

    @property
    def tensors(self) -> int:
        return len(self.shapes)

    @property
    def tasks(self) -> int:
        return max(self.owners) + 1


def layout_of(shapes: tuple[tuple[int, ...], ...]) -> Layout:
    """The layout of one task's tensors."""
    return Layout(tuple(shapes), (0,) * len(shapes))


def side_by_side(layouts: tuple[Layout, ...]) -> Layout:
    """The layouts of several tasks one behind the other on one element axis."""
    shapes = tuple(shape for layout in layouts for shape in layout.shapes)
    firsts = np.cumsum([0, *(layout.tasks for layout in layouts)])
    owners = tuple(
        int(first) + owner for first, layout in zip(firsts, layouts, strict=False) for owner in layout.owners
    )
    return Layout(shapes, owners)


class Groups(NamedTuple):
    """A division of `items` positions of an axis into groups, as the number of the group of each position."""

    of: tuple[int, ...]

    @property
    def count(self) -> int:
        return max(self.of) + 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """Items of each group."""
        return tuple(np.bincount(self.of).tolist())

    @property
    def large(self) -> bool:
        """Whether a matrix of groups by items is too much; groups are then taken piece by piece."""
        return self.count * len(self.of) > DENSE

    @property
    def single(self) -> bool:
        """Whether every item is a group of its own, in order."""
        return self.count == len(self.of) and self.of == tuple(range(len(self.of)))

    @property
    def small(self) -> bool:
        """Whether there is one group, of a few items."""
        return self.count == 1 and len(self.of) <= SMALL

    def membership(self) -> np.ndarray:
        """(groups, items), 1 where the item is in the group."""
        return (np.arange(self.count)[:, None] == np.asarray(self.of)[None, :]).astype(np.float64)


def by_tensor(layout: Layout) -> Groups:
    """Elements grouped by tensor."""
    return Groups(tuple(np.repeat(np.arange(layout.tensors), layout.sizes).tolist()))


def by_task(layout: Layout) -> Groups:
    """Elements grouped by task."""
    return Groups(tuple(np.repeat(np.asarray(layout.owners), layout.sizes).tolist()))


def tensors_by_task(layout: Layout) -> Groups:
    """Tensors grouped by task."""
    return Groups(layout.owners)


def means(groups: Groups, values: tf.Tensor) -> tf.Tensor:
    """(rows, tasks, items) -> (rows, tasks, groups)."""
    if groups.single:
        return values
    if groups.small:
        return tf.reduce_mean(values, axis=-1, keepdims=True)
    if groups.large:
        return tf.concat([tf.reduce_mean(part, axis=-1, keepdims=True) for part in pieces(groups, values)], axis=-1)
    members = groups.membership()
    return _product(values, (members / members.sum(axis=1, keepdims=True)).T)


def spread(groups: Groups, values: tf.Tensor) -> tf.Tensor:
    """To each item its group's value: (rows, tasks, groups) -> (rows, tasks, items)."""
    if groups.single:
        return values
    if groups.small:
        return tf.broadcast_to(values, (*values.shape[:-1], len(groups.of)))
    if groups.large:
        parts = zip(tf.unstack(values, axis=-1), groups.sizes, strict=True)
        return tf.concat([tf.repeat(part[..., tf.newaxis], size, axis=-1) for part, size in parts], axis=-1)
    return _product(values, groups.membership())


def pieces(groups: Groups, values: tf.Tensor) -> list[tf.Tensor]:
    """The items of each group, which lie one behind the other, along the last axis."""
    return tf.split(values, groups.sizes, axis=-1)


def lasts(groups: Groups, values: tf.Tensor) -> tf.Tensor:
    """The last item of each group: (rows, tasks, items) -> (rows, tasks, groups)."""
    last = [max(item for item, group in enumerate(groups.of) if group == number) for number in range(groups.count)]
    return tf.concat([values[..., item : item + 1] for item in last], axis=-1)


def _product(values: tf.Tensor, matrix: np.ndarray) -> tf.Tensor:
    """The last axis times a constant matrix, all leading axes at once; its gradient is a product too, no sum by rows."""
    rows = tf.reshape(values, (-1, matrix.shape[0]))
    return tf.reshape(tf.matmul(rows, tf.constant(matrix, values.dtype)), (*values.shape[:-1], matrix.shape[1]))


def flat(layout: Layout, tensors: Tree | tuple[tf.Tensor, ...]) -> tf.Tensor:
    """Tensors (tasks, *shape) in the layout's order -> (tasks, elements), each row-major."""
    values = tuple(tensors.values()) if isinstance(tensors, dict) else tensors
    parts = [tf.reshape(value, (value.shape[0], size)) for value, size in zip(values, layout.sizes, strict=True)]
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)


def unflat(layout: Layout, elements: tf.Tensor) -> tuple[tf.Tensor, ...]:
    """(tasks, elements) -> the tensors (tasks, *shape)."""
    parts = tf.split(elements, layout.sizes, axis=1) if layout.tensors > 1 else [elements]
    return tuple(tf.reshape(part, (part.shape[0], *shape)) for part, shape in zip(parts, layout.shapes, strict=True))
