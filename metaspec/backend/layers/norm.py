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


def batch(values: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> Normalised:
    """Per channel, over the items predicted together and the pixels (Ioffe and Szegedy 2015), for each task.

    Items of weight 0, in (tasks, items), take no part in the statistics.
    """
    if isinstance(weights, tuple):
        return normalised(values, [1, 2, 3])
    mean, variance = moments(values, weights)
    return kept(values, *(each[:, tf.newaxis, tf.newaxis, tf.newaxis] for each in (mean, variance)))


def moments(values: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tuple[tf.Tensor, tf.Tensor]:
    """Mean and variance (the biased estimate) of each task's channels, both (tasks, channels)."""
    if isinstance(weights, tuple):
        return tf.nn.moments(values, [1, 2, 3])
    share = weights / tf.reduce_sum(weights, axis=1, keepdims=True)
    share = share[:, :, tf.newaxis, tf.newaxis, tf.newaxis] / (values.shape[2] * values.shape[3])
    mean = tf.reduce_sum(share * values, axis=[1, 2, 3], keepdims=True)
    return mean[:, 0, 0, 0], tf.reduce_sum(share * tf.square(values - mean), axis=[1, 2, 3])


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
