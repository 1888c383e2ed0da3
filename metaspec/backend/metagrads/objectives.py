"""What a window's losses amount to: one number from f_0 .. f_count, each (tasks,), before each step and after the last."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.kinds.metagrads.truncated import Truncated

EPSILON = 1e-6


def window_objective(
    config: Truncated, name: str, weights: tuple[float, ...] | None, reference: tf.Tensor, count, done: tf.Tensor
) -> Callable[[tf.Tensor], tf.Tensor]:
    """The objective of a window of `count` steps that begins after `done`, summed over the tasks.

    name: `final`, `mean`, `log` or `weighted`, for which `weights` has one for each inner step. reference: the losses
    at the start of the trajectory. The result takes losses (longest + 1, tasks), of which those behind `count` are
    equal to the last.
    """

    def objective(losses: tf.Tensor) -> tf.Tensor:
        dtype, longest = losses.dtype, losses.shape[0] - 1
        number = tf.cast(count, dtype)
        places = tf.range(longest + 1)
        if name == "final":
            return tf.reduce_sum(losses[-1])
        if name == "weighted":
            after = tf.gather(tf.constant(weights, dtype), tf.minimum(done + places[:-1], len(weights) - 1))
            share = tf.where(places[:-1] < count, after, 0)
            return tf.reduce_sum(share[:, tf.newaxis] * losses[1:])
        values = losses
        if name == "log":
            values = logarithm(losses, reference)
        elif config.relative:
            values = losses / (reference + EPSILON)
        if config.counted == "after":
            share = tf.where((places >= 1) & (places <= count), 1 / number, 0)
        elif name == "log":
            # f_0 twice, f_1 .. f_(count - 1), as the original: count + 1 entries.
            share = tf.where(places < count, 1 / (number + 1), 0) * tf.where(places == 0, tf.constant(2, dtype), 1)
        else:
            share = tf.where(places < count, 1 / number, 0)
        return tf.reduce_sum(share[:, tf.newaxis] * values)

    def logarithm(losses: tf.Tensor, reference: tf.Tensor) -> tf.Tensor:
        if config.numerator_epsilon:
            return tf.math.log((losses + EPSILON) / (reference + EPSILON))
        return tf.math.log(losses / (reference + EPSILON) + EPSILON)

    return objective
