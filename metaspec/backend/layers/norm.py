"""Normalisation on the task axis: of (tasks, items, height, width, channels)."""

import tensorflow as tf

EPSILON = 1e-3


def normalise(values: tf.Tensor, axes: list[int]) -> tf.Tensor:
    """Zero mean and unit variance (the biased estimate) over `axes`."""
    centred = values - tf.reduce_mean(values, axis=axes, keepdims=True)
    variance = tf.reduce_mean(tf.square(centred), axis=axes, keepdims=True)
    return centred * tf.math.rsqrt(variance + EPSILON)


def batch(values: tf.Tensor) -> tf.Tensor:
    """Per channel, over the items predicted together and the pixels (Ioffe and Szegedy 2015), for each task."""
    return normalise(values, [1, 2, 3])


def kept(values: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor) -> tf.Tensor:
    """With statistics of other items, broadcastable to the values."""
    return (values - mean) * tf.math.rsqrt(variance + EPSILON)


def layer(values: tf.Tensor) -> tf.Tensor:
    """Per item, over pixels and channels (Ba et al. 2016)."""
    return normalise(values, [2, 3, 4])


def group(values: tf.Tensor, groups: int) -> tf.Tensor:
    """Per item and group of channels, over pixels and the group's channels (Wu and He 2018)."""
    tasks, items, height, width, channels = values.shape
    split = tf.reshape(values, (tasks, items, height * width, groups, channels // groups))
    return tf.reshape(normalise(split, [2, 4]), values.shape)
