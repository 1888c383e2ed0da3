"""The gradient of one window of an inner loop: forward keeps the states, backward computes each step again.

Kept are the states between steps alone. The backward pass takes the steps from the last to the first, each forward once
more under a tape, so that the graph holds one step and not the window, whatever its length: it compiles in the time of
a step, and the loop stores little. The price is one more forward pass of the step. A loss that depends on the state
alone is differentiated on the way forward, and never computed again.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.optimizers.layout import Groups, spread
from metaspec.backend.records import Tree

Step = Callable[[Tree, Any, tf.Tensor], Any]  # (meta-parameters, state, number in the window) -> state
Loss = Callable[[Tree, Any], tf.Tensor]  # (meta-parameters, state) -> (tasks,)
Objective = Callable[[tf.Tensor], tf.Tensor]  # losses (longest + 1, tasks) -> scalar

ZERO = tf.UnconnectedGradients.ZERO


class Window(NamedTuple):
    """A window's meta-gradient, the losses (longest + 1, tasks) before each step and after the last, its last state.

    `start` is the gradient with respect to the state that the window began with.
    """

    gradient: Tree
    losses: tf.Tensor
    state: Any
    start: Any


class Passed(NamedTuple):
    """The way forward: states before each step, as one array for each tensor, and the slopes of their losses."""

    states: list[tf.TensorArray]
    slopes: dict[int, tf.TensorArray]  # by the places of those tensors of a state that a plain loss depends on
    losses: tf.Tensor
    last: Any
    last_slopes: dict[int, tf.Tensor]


def differentiated(
    meta: Tree,
    state: Any,
    step: Step,
    loss: Loss,
    objective: Objective,
    count: tf.Tensor | int,
    longest: int,
    plain: bool = False,
    abreast: Groups | None = None,
) -> Window:
    """The gradient of `objective(losses)` through `count` steps, at most `longest`.

    The losses of steps that are not made are those of the last state. All tensors of a state are real numbers. `plain`
    says that the loss depends on the state alone, each task's on its own part of it: that of its place on the task axis,
    or where tasks lie `abreast` those elements that are its own.
    """
    passed = forward(meta, state, step, loss, count, longest, plain)
    names, like = list(meta), state
    with tf.GradientTape() as tape:
        tape.watch(passed.losses)
        value = objective(passed.losses)
    slopes = tape.gradient(value, passed.losses, unconnected_gradients=ZERO)
    # Every entry behind the last step holds the last state's loss.
    behind = tf.reduce_sum(tf.where(tf.range(longest + 1)[:, tf.newaxis] >= count, slopes, 0), axis=0)
    total, cotangent = pulled_loss(meta, passed.last, loss, behind, passed.last_slopes if plain else None, abreast)

    def body(number, total, cotangent):
        flat = [
            tf.ensure_shape(stack.read(number), leaf.shape)
            for stack, leaf in zip(passed.states, tf.nest.flatten(like), strict=True)
        ]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            tape.watch(flat)
            reached = tf.nest.flatten(step(meta, tf.nest.pack_sequence_as(like, flat), number))
        found = tape.gradient(reached, [meta[name] for name in names] + flat, cotangent, unconnected_gradients=ZERO)
        known = {place: stack.read(number) for place, stack in passed.slopes.items()} if plain else None
        more, own = pulled_loss(meta, tf.nest.pack_sequence_as(like, flat), loss, slopes[number], known, abreast)
        total = [one + two for one, two in zip(total, found[: len(names)], strict=True)]
        if not plain:
            total = [one + two for one, two in zip(total, more, strict=True)]
        return number - 1, total, [one + two for one, two in zip(found[len(names) :], own, strict=True)]

    _, total, cotangent = tf.while_loop(
        lambda number, *_: number >= 0,
        body,
        (tf.cast(count, tf.int32) - 1, total, cotangent),
        maximum_iterations=longest,
        parallel_iterations=1,
    )
    return Window(
        dict(zip(names, total, strict=True)), passed.losses, passed.last, tf.nest.pack_sequence_as(like, cotangent)
    )


def forward(
    meta: Tree, state: Any, step: Step, loss: Loss, count: tf.Tensor | int, longest: int, plain: bool
) -> Passed:
    """The window's steps, with what the way back needs."""
    state = tf.nest.map_structure(tf.identity, state)  # one tensor in two places would be told apart in the loop only
    leaves = tf.nest.flatten(state)

    def measured(state: Any) -> tuple[tf.Tensor, dict[int, tf.Tensor]]:
        if not plain:
            return loss(meta, state), {}
        flat = tf.nest.flatten(state)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(flat)
            found = loss(meta, tf.nest.pack_sequence_as(state, flat))
        slopes = tape.gradient(found, flat)
        return found, {place: slope for place, slope in enumerate(slopes) if slope is not None}

    def array(leaf: tf.Tensor) -> tf.TensorArray:
        return tf.TensorArray(leaf.dtype, longest, element_shape=leaf.shape, clear_after_read=False)

    first, touched = measured(state)
    states = [array(leaf) for leaf in leaves]
    slopes = {place: array(slope) for place, slope in touched.items()}

    def body(number, state, states, slopes, losses):
        found, known = measured(state)
        states = [stack.write(number, leaf) for stack, leaf in zip(states, tf.nest.flatten(state), strict=True)]
        slopes = {place: stack.write(number, known[place]) for place, stack in slopes.items()}
        return number + 1, step(meta, state, number), states, slopes, losses.write(number, found)

    _, last, states, slopes, losses = tf.while_loop(
        lambda number, *_: number < count,
        body,
        (tf.constant(0), state, states, slopes, array(first)),
        maximum_iterations=longest,
        parallel_iterations=1,
    )
    ended, known = measured(last)
    made = tf.range(longest)[:, tf.newaxis] < count
    table = tf.concat([tf.where(made, losses.stack(), ended), ended[tf.newaxis]], axis=0)
    return Passed(states, slopes, table, last, known)


def pulled_loss(
    meta: Tree,
    state: Any,
    loss: Loss,
    weights: tf.Tensor,
    known: dict[int, tf.Tensor] | None,
    abreast: Groups | None = None,
):
    """Gradients of the weighted losses (tasks,) of one state, with respect to the meta-parameters and to the state.

    `known` are the gradients of the losses themselves with respect to the state, by place, where it alone matters.
    """
    flat = tf.nest.flatten(state)
    if known is not None:
        zeros = [tf.zeros_like(value) for value in meta.values()]
        return zeros, [
            weighted(known[place], weights, abreast) if place in known else tf.zeros_like(leaf)
            for place, leaf in enumerate(flat)
        ]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(meta)
        tape.watch(flat)
        found = loss(meta, tf.nest.pack_sequence_as(state, flat))
    pulled = tape.gradient(found, [*meta.values(), *flat], weights, unconnected_gradients=ZERO)
    return pulled[: len(meta)], pulled[len(meta) :]


def weighted(slopes: tf.Tensor, weights: tf.Tensor, abreast: Groups | None) -> tf.Tensor:
    """Slopes times the weights (tasks,) of the tasks they belong to: slopes (tasks, ...), or (positions, elements)."""
    if abreast is None:
        return slopes * tf.reshape(weights, (-1,) + (1,) * (slopes.shape.rank - 1))
    return slopes * spread(abreast, tf.reshape(weights, (slopes.shape[0], abreast.count)))
