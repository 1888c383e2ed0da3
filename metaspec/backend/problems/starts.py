"""Where problems start: draws of all parameters from a key."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.keys import fold, uniform
from metaspec.backend.problems import Params

Start = Callable[[tf.Tensor, tuple[tuple[int, ...], ...], tf.DType], Params]


def normals(key: tf.Tensor, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    return tf.random.stateless_normal(shape, key, dtype=dtype, alg="philox")


def standard(key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """N(0, 1)."""
    return tuple(normals(fold(key, number), shape, dtype) for number, shape in enumerate(shapes))


def scaled(deviation: float) -> Start:
    """N(0, deviation^2)."""

    def start(key: tf.Tensor, shapes, dtype: tf.DType) -> Params:
        return tuple(deviation * value for value in standard(key, shapes, dtype))

    return start


def classifier(key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """N(0, 1) * 1.2 / sqrt(first dimension), biases too."""
    return tuple(1.2 / shape[1] ** 0.5 * value for shape, value in zip(shapes, standard(key, shapes, dtype), strict=True))


def box(low: tuple[float, ...], high: tuple[float, ...]) -> Start:
    """Uniform between two corners."""

    def start(key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
        (shape,) = shapes
        bottom, top = tf.constant(low, dtype), tf.constant(high, dtype)
        return (bottom + (top - bottom) * uniform(fold(key, 0), shape, dtype),)

    return start


def unit_columns(key: tf.Tensor, shapes: tuple[tuple[int, ...], ...], dtype: tf.DType) -> Params:
    """Normal columns divided by their lengths."""
    return tuple(tf.math.l2_normalize(value, axis=1) for value in standard(key, shapes, dtype))
