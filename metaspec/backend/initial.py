"""Initial values of parameters, drawn from a key."""

import math

import tensorflow as tf

from metaspec.backend.keys import uniform
from metaspec.spec.shapes import Role
from metaspec.spec.values import Initializer


def draw(
    initializer: Initializer,
    role: Role,
    shape: tuple[int, ...],
    fan_in: int,
    fan_out: int,
    key: tf.Tensor,
    dtype: tf.DType,
) -> tf.Tensor:
    """A tensor of `shape` for one parameter, or one for each task.

    An initializer speaks of kernels; biases and shifts start at 0, scales at 1, as in the papers. The normal forms
    are truncated at two deviations and rescaled to the deviation they name, as Glorot and He's are in Keras.
    """
    if role in ("bias", "shift", "mean") or initializer == "zeros":
        return tf.zeros(shape, dtype)
    if role in ("scale", "variance") or initializer == "ones":
        return tf.ones(shape, dtype)
    variance = 2.0 / (fan_in + fan_out) if initializer.startswith("glorot") else 2.0 / fan_in
    if initializer == "random":
        variance = 1.0 / fan_in
    if initializer.endswith("uniform"):
        bound = math.sqrt(3.0 * variance)
        return bound * (2.0 * uniform(key, shape, dtype) - 1.0)
    # 0.87962566 is the deviation of a standard normal that is cut off at two deviations.
    deviation = math.sqrt(variance) / 0.87962566103423978
    low = 0.022750131948179207  # the share of a standard normal below -2
    share = low + (1.0 - 2.0 * low) * uniform(key, shape, dtype)
    return tf.constant(deviation, dtype) * tf.math.ndtri(share)
