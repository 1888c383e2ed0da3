"""Mean squares of a tensor's gradient factored over its two largest axes (Shazeer and Stern 2018), tensor by tensor.

Values are (decays, tasks, elements of the tensor). A tensor of one axis keeps all of its mean squares.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf


class Factored(NamedTuple):
    """Of one tensor: its gradient divided by the factored root (`scaled`), the factors at every element (`rows`,
    `columns`), what momenta are multiplied with (`multiplier`), and the factors to keep."""

    scaled: tf.Tensor
    rows: tf.Tensor
    columns: tf.Tensor
    multiplier: tf.Tensor
    kept: tuple[tf.Tensor, ...]


def axes(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """The second largest and the largest axis; None for tensors of fewer than two axes."""
    if len(shape) < 2:
        return None
    order = np.argsort(shape, kind="stable")
    return int(order[-2]), int(order[-1])


def factor_shapes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The shapes of what is kept for a tensor."""
    found = axes(shape)
    if found is None:
        return (shape,)
    second, largest = found
    return tuple(tuple(size for axis, size in enumerate(shape) if axis != gone) for gone in (largest, second))


def factored(shape: tuple[int, ...], gradient: tf.Tensor, decay: tf.Tensor, kept: tuple[tf.Tensor, ...]) -> Factored:
    """One step. gradient: (tasks, elements); decay: (decays,); kept: (decays, tasks, *factor shape) each."""
    tasks, decays = gradient.shape[0], decay.shape[0]
    slope = tf.reshape(gradient, (1, tasks, *shape))
    squares = tf.square(slope) + 1e-30

    def averaged(old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        share = tf.reshape(decay, (decays,) + (1,) * (old.shape.rank - 1))
        return share * old + (1 - share) * new

    def flat(values: tf.Tensor) -> tf.Tensor:
        whole = tf.broadcast_to(values, (decays, tasks, *shape))
        return tf.reshape(whole, (decays, tasks, -1))

    found = axes(shape)
    if found is None:
        (mean,) = (averaged(kept[0], squares),)
        scaled = slope * safe_root(mean + 1e-9)
        return Factored(flat(scaled), flat(mean), flat(mean), flat(tf.math.rsqrt(mean + 1e-6)), (mean,))
    second, largest = found[0] + 2, found[1] + 2
    rows = averaged(kept[0], tf.reduce_mean(squares, axis=largest))
    columns = averaged(kept[1], tf.reduce_mean(squares, axis=second))
    wide, tall = tf.expand_dims(rows, largest), tf.expand_dims(columns, second)
    level = tf.reduce_mean(wide, axis=second, keepdims=True)
    multiplier = safe_root(wide / (level + 1e-9)) * safe_root(tall)
    return Factored(flat(slope * multiplier), flat(wide), flat(tall), flat(multiplier), (rows, columns))


def safe_root(value: tf.Tensor) -> tf.Tensor:
    """One over the square root, of at least 1e-9."""
    return tf.math.rsqrt(tf.maximum(value, 1e-9))
