"""Problems of one shape or of several, side by side: their losses, starts and draws as those of one.

Where there are several, every position of the task axis holds one task of each, and their tensors lie one behind the
other. So tasks are numbered position by position, and what is (tasks,) is (positions * problems,).
"""

from math import gcd
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.keys import fold, uniform
from metaspec.backend.optimizers.layout import Layout, by_tensor, flat, layout_of, side_by_side, spread, unflat
from metaspec.backend.problems import Objective, Params, objective
from metaspec.backend.problems.starts import normals
from metaspec.backend.records import Tree
from metaspec.spec.kind import Problem

# Places in the stream of random numbers of a problem's trajectory.
START, STEPS, PASSES = 0, 1, 2
# Places in that of one step.
NOISE, KEPT = 0, 1


class Draws(NamedTuple):
    """What a step sees: of each problem the rows of its data, None for all; noise on the gradient's elements, and the
    share of their draws that is kept, each (positions, elements) or None.
    """

    rows: tuple[tf.Tensor | None, ...]
    noise: tf.Tensor | None
    kept: tf.Tensor | None


class Abreast(NamedTuple):
    """Problems side by side."""

    objectives: tuple[Objective, ...]
    layouts: tuple[Layout, ...]

    @property
    def layout(self) -> Layout:
        return side_by_side(self.layouts)

    @property
    def alone(self) -> bool:
        return len(self.objectives) == 1

    def positions(self, tasks: int) -> int:
        return tasks // len(self.objectives)

    def arranged(self, inputs: Tree) -> Tree:
        """The data with the large matrices of a single position as `product` takes them."""
        prefixes = [""] if self.alone else [f"{place}/" for place in range(len(self.objectives))]
        large = {
            prefix + name for prefix, found in zip(prefixes, self.objectives, strict=True) for name in found.matrices
        }
        return {
            name: tf.squeeze(value, 0) if name in large and value.shape[0] == 1 else value
            for name, value in inputs.items()
        }

    def data(self, inputs: Tree) -> tuple[Tree, ...]:
        """Each problem's own, of what `named` has put together."""
        if self.alone:
            return (inputs,)
        prefixes = [f"{place}/" for place in range(len(self.objectives))]
        return tuple(
            {name.removeprefix(prefix): value for name, value in inputs.items() if name.startswith(prefix)}
            for prefix in prefixes
        )

    def values(self, elements: tf.Tensor) -> tuple[Params, ...]:
        """Each problem's tensors (positions, *shape)."""
        sizes = [layout.elements for layout in self.layouts]
        parts = [elements] if self.alone else tf.split(elements, sizes, axis=1)
        return tuple(unflat(layout, part) for layout, part in zip(self.layouts, parts, strict=True))

    def elements(self, values: tuple[Params, ...]) -> tf.Tensor:
        return flat(self.layout, tuple(value for own in values for value in own))

    def start(self, inputs: Tree, key: tf.Tensor, tasks: int, dtype: tf.DType) -> tuple[Params, ...]:
        """Drawn parameters of each problem."""
        count = self.positions(tasks)
        return tuple(
            found.start(data, fold(fold(key, place), START), tuple((count, *shape) for shape in layout.shapes), dtype)
            for place, (found, layout, data) in enumerate(
                zip(self.objectives, self.layouts, self.data(inputs), strict=True)
            )
        )

    def loss(self, inputs: Tree, values: tuple[Params, ...], rows: tuple[tf.Tensor | None, ...]) -> tf.Tensor:
        """(tasks,)."""
        return together(
            found.loss(data, own, seen)
            for found, data, own, seen in zip(self.objectives, self.data(inputs), values, rows, strict=True)
        )

    def accuracy(self, inputs: Tree, values: tuple[Params, ...]) -> tf.Tensor:
        """(tasks,), of problems that all have one."""
        return together(
            found.accuracy(data, own)
            for found, data, own in zip(self.objectives, self.data(inputs), values, strict=True)
        )

    def draws(self, inputs: Tree, batches: int, number: tf.Tensor | int, key: tf.Tensor, tasks: int, dtype) -> Draws:
        """The random numbers of inner step `number`, from the key of the trajectories.

        The gradients of `batches` batches are averaged: that is the gradient of one batch of all their rows, with the
        average of as many draws of noise and of entries that are kept.
        """
        keys = [fold(key, place) for place in range(len(self.objectives))]
        rows = tuple(
            rows_of(found.rows, found.batch * batches, number, fold(own, PASSES)) if found.rows else None
            for found, own in zip(self.objectives, keys, strict=True)
        )
        parts = list(zip(self.objectives, self.layouts, self.data(inputs), keys, strict=True))
        noise = kept = None
        if any("noise" in data for _, _, data, _ in parts):
            noise = tf.concat(
                [noise_of(*part, batches, number, self.positions(tasks), dtype) for part in parts], axis=1
            )
        if any(found.zero > 0 for found in self.objectives):
            kept = tf.concat([kept_of(*part, batches, number, self.positions(tasks), dtype) for part in parts], axis=1)
        return Draws(rows, noise, kept)


def abreast(configs: tuple[Problem, ...]) -> Abreast:
    layouts = (layout_of(tuple(each.shape for each in config.parameters())) for config in configs)
    return Abreast(tuple(objective(config) for config in configs), tuple(layouts))


def named(data: list[Tree]) -> Tree:
    """The data of the problems in one tree."""
    if len(data) == 1:
        return data[0]
    return {f"{place}/{name}": value for place, own in enumerate(data) for name, value in own.items()}


def together(parts) -> tf.Tensor:
    """(positions,) of each problem -> (positions * problems,)."""
    found = list(parts)
    return found[0] if len(found) == 1 else tf.reshape(tf.stack(found, axis=1), (-1,))


def noise_of(found, layout: Layout, data: Tree, key: tf.Tensor, batches: int, number, count: int, dtype) -> tf.Tensor:
    """Noise on the gradients of one problem, (positions, elements); each of its tensors has a deviation of its own."""
    if "noise" not in data:
        return tf.zeros((count, layout.elements), dtype)
    place = fold(fold(fold(key, STEPS), number), NOISE)
    return spread(by_tensor(layout), data["noise"]) / batches**0.5 * normals(place, (count, layout.elements), dtype)


def kept_of(found, layout: Layout, data: Tree, key: tf.Tensor, batches: int, number, count: int, dtype) -> tf.Tensor:
    """The share of its draws in which an entry of the gradient is there, (positions, elements)."""
    if not found.zero:
        return tf.ones((count, layout.elements), dtype)
    place = fold(fold(fold(key, STEPS), number), KEPT)
    passed = uniform(place, (batches, count, layout.elements), dtype) >= found.zero
    return tf.reduce_mean(tf.cast(passed, dtype), axis=0)


def rows_of(count: int, batch: int, number: tf.Tensor | int, key: tf.Tensor) -> tf.Tensor:
    """The rows of one step: consecutive pieces of an order of all rows that is drawn anew for each pass.

    The order is place -> (a * place + b) mod count with a prime to `count`: every row once, without sorting. A piece
    that would run over the end starts a new pass instead, and the rest is left out.
    """
    batch = min(batch, count)
    each = count // batch
    number = tf.cast(number, tf.int32)
    turn = fold(key, number // each)
    prime = tf.constant([step for step in range(1, min(count, 46_000)) if gcd(step, count) == 1], tf.int64)
    drawn = uniform(turn, (2,), tf.float32)
    factor = tf.gather(prime, tf.minimum(tf.cast(drawn[0] * prime.shape[0], tf.int32), prime.shape[0] - 1))
    shift = tf.cast(drawn[1] * count, tf.int64)
    places = tf.range(batch, dtype=tf.int64) + tf.cast(number % each, tf.int64) * batch
    return tf.cast((factor * places + shift) % count, tf.int32)
