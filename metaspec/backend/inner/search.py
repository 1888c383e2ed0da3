"""A line search for all tasks at once."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.backend.trees import plus

SUFFICIENT = 1e-4
HALVINGS = 25


def armijo(loss: Callable[[Tree], tf.Tensor], values: Tree, direction: Tree, slope: tf.Tensor) -> tf.Tensor:
    """The first of 1, 1/2, 1/4, ... that lowers each task's loss enough along `direction`; 0 if none does: (tasks,).

    Enough is SUFFICIENT * step * slope, slope being the gradient times the direction (Armijo 1966), up to a few units
    in the last place, so that steps at the very bottom still count. The result is a constant to whoever differentiates.
    """
    values, direction = ({name: tf.stop_gradient(v) for name, v in tree.items()} for tree in (values, direction))
    slope, before = tf.stop_gradient(slope), tf.stop_gradient(loss(values))
    slack = 8 * before.dtype.as_numpy_dtype(_precision(before.dtype)) * tf.abs(before)

    def poor(steps: tf.Tensor) -> tf.Tensor:
        after = loss(plus(values, steps, direction))
        # A loss that is not a number is never low enough.
        return ~(after <= before + SUFFICIENT * steps * slope + slack)

    def body(number, steps, bad):
        steps = tf.where(bad, steps / 2, steps)
        return number + 1, steps, bad & poor(steps)

    steps = tf.ones_like(slope)
    _, steps, bad = tf.while_loop(
        lambda number, _, bad: (number < HALVINGS) & tf.reduce_any(bad),
        body,
        (tf.constant(0), steps, poor(steps)),
        maximum_iterations=HALVINGS,
    )
    return tf.stop_gradient(tf.where(bad, tf.zeros_like(steps), steps))


def _precision(dtype: tf.DType) -> float:
    return tf.experimental.numpy.finfo(dtype.as_numpy_dtype).eps
