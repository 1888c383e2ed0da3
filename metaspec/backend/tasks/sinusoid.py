"""Sinusoid regression, drawn inside the graph."""

import tensorflow as tf

from metaspec.backend.keys import transform, uniform
from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.kinds.tasks.sinusoid import Sinusoid


def functions(config: Sinusoid, dtype: tf.DType) -> TaskFunctions:
    """y = amplitude * sin(x - phase) + noise. Inputs and targets have shape (tasks, points, 1)."""
    points = config.shots + config.queries
    noisy = config.noise != 0.0

    def sample(key: tf.Tensor, count: int) -> Episode:
        # One draw for everything: amplitude, phase, inputs and, where there is noise, one number per point.
        shares = uniform(key, (count, 2 + points * (2 if noisy else 1)), dtype)
        amplitude = transform(shares[:, 0:1], config.amplitude)
        phase = transform(shares[:, 1:2], config.phase)
        inputs = transform(shares[:, 2 : 2 + points], config.inputs)
        targets = amplitude * tf.sin(inputs - phase)
        if noisy:
            half = tf.constant(2.0**-25, dtype)
            deviation = transform(tf.zeros_like(amplitude), config.noise)
            targets += deviation * tf.math.ndtri(shares[:, 2 + points :] + half)
        inputs, targets = inputs[..., tf.newaxis], targets[..., tf.newaxis]
        shots = config.shots
        return Episode(
            Batch(inputs[:, :shots], targets[:, :shots]),
            Batch(inputs[:, shots:], targets[:, shots:]),
        )

    return TaskFunctions(sample=sample)
