"""Gaussian actions with a deviation that does not depend on the state."""

import math
from typing import NamedTuple

import tensorflow as tf


class Gaussian(NamedTuple):
    """Of the actions at each step: means (tasks, trajectories, steps, entries), logarithms of deviations (tasks, entries)."""

    mean: tf.Tensor
    log_deviation: tf.Tensor


def log_probabilities(policy: Gaussian, actions: tf.Tensor) -> tf.Tensor:
    """Logarithm of the density of each action: (tasks, trajectories, steps)."""
    deviation = policy.log_deviation[:, tf.newaxis, tf.newaxis]
    squares = tf.square((actions - policy.mean) * tf.exp(-deviation))
    return -tf.reduce_sum(0.5 * squares + deviation + 0.5 * math.log(2.0 * math.pi), axis=-1)


def divergence(old: Gaussian, new: Gaussian) -> tf.Tensor:
    """KL(old || new) of the actions at each step: (tasks, trajectories, steps)."""
    before, after = (each.log_deviation[:, tf.newaxis, tf.newaxis] for each in (old, new))
    spread = tf.exp(2.0 * before) + tf.square(old.mean - new.mean)
    return tf.reduce_sum(after - before + 0.5 * (spread * tf.exp(-2.0 * after) - 1.0), axis=-1)
