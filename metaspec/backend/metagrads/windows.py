"""The gradient of one window of an inner loop: forward keeps the states, backward computes each step again.

Kept are the states between steps alone. The backward pass takes the steps from the last to the first, each forward once
more under a tape, so that the graph holds one step and not the window, whatever its length: it compiles in the time of
a step, and the loop stores little. The price is one more forward pass.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.records import Tree

Step = Callable[[Tree, Any, tf.Tensor], Any]  # (meta-parameters, state, number in the window) -> state
Loss = Callable[[Tree, Any], tf.Tensor]  # (meta-parameters, state) -> (tasks,)
Objective = Callable[[tf.Tensor], tf.Tensor]  # losses (longest + 1, tasks) -> scalar


class Window(NamedTuple):
    """A window's meta-gradient, the losses (longest + 1, tasks) before each step and after the last, its last state.

    `start` is the gradient with respect to the state that the window began with.
    """

    gradient: Tree
    losses: tf.Tensor
    state: Any
    start: Any


def differentiated(
    meta: Tree, state: Any, step: Step, loss: Loss, objective: Objective, count: tf.Tensor | int, longest: int
) -> Window:
    """The gradient of `objective(losses)` through `count` steps, at most `longest`.

    The losses of steps that are not made are those of the last state. All tensors of a state are real numbers.
    """
    states, losses, last = forward(meta, state, step, loss, count, longest)
    with tf.GradientTape() as tape:
        tape.watch(losses)
        value = objective(losses)
    slopes = tape.gradient(value, losses, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    names, like = list(meta), state

    def pull(state: Any, number: tf.Tensor, cotangent: list[tf.Tensor]) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """Gradients with respect to the meta-parameters and to a step's state, from that of its result."""
        flat = tf.nest.flatten(state)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            tape.watch(flat)
            state = tf.nest.pack_sequence_as(like, flat)
            reached = [loss(meta, state), *tf.nest.flatten(step(meta, state, number))]
        sources = [meta[name] for name in names] + flat
        found = tape.gradient(
            reached, sources, [slopes[number], *cotangent], unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return found[: len(names)], found[len(names) :]

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(meta)
        flat = tf.nest.flatten(last)
        tape.watch(flat)
        ended = loss(meta, tf.nest.pack_sequence_as(like, flat))
    # Every entry behind the last step holds the last state's loss.
    behind = tf.reduce_sum(tf.where(tf.range(longest + 1)[:, tf.newaxis] >= count, slopes, 0), axis=0)
    sources = [meta[name] for name in names] + flat
    found = tape.gradient(ended, sources, behind, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    total, cotangent = found[: len(names)], found[len(names) :]

    def body(number, total, cotangent):
        before = [stack.read(number) for stack in states]
        before = [tf.ensure_shape(value, leaf.shape) for value, leaf in zip(before, tf.nest.flatten(like), strict=True)]
        gradient, cotangent = pull(tf.nest.pack_sequence_as(like, before), number, cotangent)
        return number - 1, [one + more for one, more in zip(total, gradient, strict=True)], cotangent

    _, total, cotangent = tf.while_loop(
        lambda number, *_: number >= 0,
        body,
        (tf.cast(count, tf.int32) - 1, total, cotangent),
        maximum_iterations=longest,
        parallel_iterations=1,
    )
    return Window(dict(zip(names, total, strict=True)), losses, last, tf.nest.pack_sequence_as(like, cotangent))


def forward(meta: Tree, state: Any, step: Step, loss: Loss, count: tf.Tensor | int, longest: int):
    """The states before each step, as one array for each tensor; the losses (longest + 1, tasks); the last state."""
    leaves = tf.nest.flatten(state)
    arrays = [
        tf.TensorArray(leaf.dtype, longest, element_shape=leaf.shape, clear_after_read=False) for leaf in leaves
    ]
    measured = loss(meta, state)
    table = tf.TensorArray(measured.dtype, longest, element_shape=measured.shape)

    def body(number, state, arrays, table):
        arrays = [array.write(number, leaf) for array, leaf in zip(arrays, tf.nest.flatten(state), strict=True)]
        table = table.write(number, loss(meta, state))
        return number + 1, step(meta, state, number), arrays, table

    _, last, arrays, table = tf.while_loop(
        lambda number, *_: number < count,
        body,
        (tf.constant(0), state, arrays, table),
        maximum_iterations=longest,
        parallel_iterations=1,
    )
    ended = loss(meta, last)
    made = tf.range(longest)[:, tf.newaxis] < count
    losses = tf.concat([tf.where(made, table.stack(), ended), ended[tf.newaxis]], axis=0)
    return arrays, losses, last
