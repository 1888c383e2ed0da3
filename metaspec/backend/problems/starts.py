"""Where problems start: draws of all parameters from a key."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.philox import fold, normals
from metaspec.backend.problems import Params
from metaspec.backend.records import Tree

Start = Callable[[Tree, tf.Tensor, tuple[tuple[int, ...], ...], tf.DType], Params]  # data, key, shapes


def standard(data: Tree, key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """N(0, 1)."""
    return tuple(normals(fold(key, number), shape, dtype) for number, shape in enumerate(shapes))


def scaled(deviation: float) -> Start:
    """N(0, deviation^2)."""

    def start(data: Tree, key: tf.Tensor, shapes, dtype: tf.DType) -> Params:
        return tuple(deviation * value for value in standard(data, key, shapes, dtype))

    return start


def classifier(data: Tree, key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """N(0, 1) * 1.2 / sqrt(first dimension), biases too."""
    drawn = standard(data, key, shapes, dtype)
    return tuple(1.2 / shape[1] ** 0.5 * value for shape, value in zip(shapes, drawn, strict=True))


def unit_columns(data: Tree, key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """Normal columns divided by their lengths."""
    return tuple(tf.math.l2_normalize(value, axis=1) for value in standard(data, key, shapes, dtype))
