"""Normalisation on the task axis: of (tasks, items, height, width, channels)."""

from typing import NamedTuple

import tensorflow as tf

EPSILON = 1e-3


class Normalised(NamedTuple):
    """Values with zero mean, and one over their standard deviation, which broadcasts to them.

    The two are not multiplied yet: a scale meets the small factor first, which saves a pass over the values in each
    of the passes that their derivatives take.
    """

    centred: tf.Tensor
    factor: tf.Tensor

    def scaled(self, scale: tf.Tensor, shift: tf.Tensor) -> tf.Tensor:
        """With a scale and a shift, both (tasks, 1, 1, 1, channels)."""
        return self.centred * (self.factor * scale) + shift


def normalised(values: tf.Tensor, axes: list[int]) -> Normalised:
    """With mean and variance (the biased estimate) over `axes`."""
    centred = values - tf.reduce_mean(values, axis=axes, keepdims=True)
    return Normalised(centred, inverse(tf.reduce_mean(tf.square(centred), axis=axes, keepdims=True)))


def inverse(variance: tf.Tensor) -> tf.Tensor:
    return tf.math.rsqrt(variance + EPSILON)


def batch(values: tf.Tensor) -> Normalised:
    """Per channel, over the items predicted together and the pixels (Ioffe and Szegedy 2015), for each task."""
    return normalised(values, [1, 2, 3])


def kept(values: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) -> Normalised:
    """With statistics of other items, both (tasks, 1, 1, 1, channels)."""
    return Normalised(values - mean, inverse(variance))


def layer(values: tf.Tensor) -> Normalised:
    """Per item, over pixels and channels (Ba et al. 2016)."""
    return normalised(values, [2, 3, 4])


def group(values: tf.Tensor, groups: int) -> Normalised:
    """Per item and group of channels, over pixels and the group's channels (Wu and He 2018)."""
    tasks, items, height, width, channels = values.shape
    split = tf.reshape(values, (tasks, items, height * width, groups, channels // groups))
    centred, factor = normalised(split, [2, 4])
    factor = tf.broadcast_to(factor, (tasks, items, 1, groups, channels // groups))
    return Normalised(tf.reshape(centred, values.shape), tf.reshape(factor, (tasks, items, 1, 1, channels)))
