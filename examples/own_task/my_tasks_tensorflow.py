"""A task of one's own, the half with TensorFlow. Only the processes that compute import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.keys import transform, uniform
from metaspec.backend.records import Batch, Episode, TaskFunctions

if TYPE_CHECKING:
    from my_tasks import Polynomial


def functions(config: Polynomial, dtype: tf.DType) -> TaskFunctions:
    """`sample(key, count)` draws `count` tasks; inputs and targets have shape (count, points, 1).

    All random numbers come from the key, so that the same spec gives the same tasks everywhere.
    """
    points = config.shots + config.queries
    terms = config.degree + 1

    def sample(key: tf.Tensor, count: int) -> Episode:
        shares = uniform(key, (count, terms + points), dtype)  # numbers in [0, 1)
        coefficients = transform(shares[:, :terms], config.coefficients)
        inputs = transform(shares[:, terms:], config.inputs)
        powers = tf.stack([inputs**power for power in range(terms)], axis=-1)
        targets = tf.einsum("npt,nt->np", powers, coefficients)
        inputs, targets = inputs[..., tf.newaxis], targets[..., tf.newaxis]
        shots = config.shots
        return Episode(Batch(inputs[:, :shots], targets[:, :shots]), Batch(inputs[:, shots:], targets[:, shots:]))

    return TaskFunctions(sample=sample)
