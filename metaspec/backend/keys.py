"""Stateless random numbers inside graphs; `metaspec.seeds` makes the keys they start from."""

import math

import tensorflow as tf

from metaspec.backend.host_keys import folded, signed
from metaspec.backend.philox import fold, uniform
from metaspec.seeds import key_words
from metaspec.spec.values import Distribution

# Places in the stream of random numbers of a task, or of a trajectory; its parameters have those from 0 on.
STEPS = -1  # what inner steps draw
QUERY = -2  # the part of a query set, or the trajectories of a policy, that the objective is taken on
START = -2  # where a problem begins: it has no query set
MEMORY = -3  # what an inner method remembers at the start
CHOICES = -4  # the operations of an architecture
AUGMENTATION = -5
ITEMS = -6  # what a meta-gradient draws of a support set for each inner step


def words(seed: int, name: str) -> tuple[int, int]:
    """The two int32 words that a stream of random numbers starts from."""
    first, second = key_words(seed, name)
    return signed(first), signed(second)


def stream(seed: int, name: str) -> tf.Tensor:
    """The key, (2,) int32, that a stream of random numbers starts from."""
    return tf.constant(words(seed, name), tf.int32)


def place(seed: int, name: str, *counters: int) -> tf.Tensor:
    """The key of one place in a stream, (2,) int32: what `fold` makes of `stream` outside of graphs, and much sooner."""
    return tf.constant(folded(words(seed, name), *counters), tf.int32)


def normal(key: tf.Tensor, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """Standard normal numbers, as quantiles of uniform ones of 32 bits in either precision (see `uniform`)."""
    # The quantile is taken half a step away from 0, where it is infinite.
    return tf.math.ndtri(tf.cast(uniform(key, shape, tf.float32), dtype) + tf.constant(2.0**-25, dtype))


def transform(share: tf.Tensor, drawn: float | Distribution) -> tf.Tensor:
    """The quantile of a distribution at `share` in [0, 1); a plain number is that number."""
    if not isinstance(drawn, Distribution):
        return tf.fill(tf.shape(share), tf.constant(drawn, share.dtype))
    first, second = drawn.arguments
    if drawn.distribution == "uniform":
        return first + (second - first) * share
    if drawn.distribution == "loguniform":
        return tf.exp(math.log(first) + math.log(second / first) * share)
    # Half a step away from 0, where the quantile of the normal distribution is infinite.
    half = tf.constant(2.0**-25, share.dtype)
    return first + second * tf.math.ndtri(share + half)


__all__ = [
    "AUGMENTATION",
    "CHOICES",
    "ITEMS",
    "MEMORY",
    "QUERY",
    "START",
    "STEPS",
    "fold",
    "normal",
    "place",
    "stream",
    "transform",
    "uniform",
    "words",
]
