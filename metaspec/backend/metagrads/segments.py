"""The gradient of a run of equal segments, of which only the states between them are kept.

The way forward is a loop over the segments that stores the state before each. The way back is a loop from the last
segment to the first, which computes each once more under a tape and pulls the gradient with respect to its last state
back to its first. The graph holds one segment each way, however many there are.
"""

from collections.abc import Callable
from math import ceil, isqrt
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.records import Metrics, Tree

ZERO = tf.UnconnectedGradients.ZERO

Segment = Callable[[Tree, Any, tf.Tensor], tuple[Any, tf.Tensor]]  # (meta, state, number) -> (state, its objective)
Last = Callable[[Tree, Any], tuple[tf.Tensor, Metrics]]  # (meta, state after all) -> (its objective, metrics)


class Segments(NamedTuple):
    """How inner steps are cut: `count` segments of `length` steps, of which the last may be shorter."""

    count: int
    length: int


def segments(steps: int, checkpoint: str | int) -> Segments:
    """Not cut at all, into about sqrt(steps) segments, or every N steps."""
    if steps == 0:
        return Segments(1, 0)
    length = {"none": steps, "sqrt": ceil(steps / max(1, isqrt(steps)))}.get(checkpoint, checkpoint)
    return Segments(ceil(steps / length), min(length, steps))


def recomputed(meta: Tree, state: Any, segment: Segment, last: Last, count: int) -> tuple[Tree, Any, Metrics]:
    """Gradients of the sum of all objectives with respect to the meta-parameters and to the first state; metrics.

    All tensors of a state are real numbers.
    """
    names, size = list(meta), len(meta)
    after, kept = forward(lambda state, number: segment(meta, state, number)[0], state, count)
    leaves = tf.nest.flatten(after)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(meta)
        tape.watch(leaves)
        final, metrics = last(meta, tf.nest.pack_sequence_as(after, leaves))
    slopes = tape.gradient(final, [*meta.values(), *leaves], unconnected_gradients=ZERO)

    def body(number: tf.Tensor, total: list[tf.Tensor], cotangent: list[tf.Tensor]):
        before = [tf.ensure_shape(states.read(number), leaf.shape) for states, leaf in zip(kept, leaves, strict=True)]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            tape.watch(before)
            reached, inside = segment(meta, tf.nest.pack_sequence_as(state, before), number)
        slopes = tape.gradient(
            [inside, *tf.nest.flatten(reached)],
            [*meta.values(), *before],
            [tf.ones_like(inside), *cotangent],
            unconnected_gradients=ZERO,
        )
        return number - 1, [one + more for one, more in zip(total, slopes[:size], strict=True)], slopes[size:]

    _, total, cotangent = tf.while_loop(
        lambda number, *_: number >= 0,
        body,
        (tf.constant(count - 1), slopes[:size], slopes[size:]),
        maximum_iterations=count,
        parallel_iterations=1,
    )
    return dict(zip(names, total, strict=True)), tf.nest.pack_sequence_as(state, cotangent), metrics


def forward(segment, state: Any, count: int) -> tuple[Any, list[tf.TensorArray]]:
    """The state after `count` segments, and those before each, as one array for each tensor of a state."""
    state = tf.nest.map_structure(tf.identity, state)  # one tensor in two places would be told apart in the loop only
    kept = [
        tf.TensorArray(leaf.dtype, count, element_shape=leaf.shape, clear_after_read=False)
        for leaf in tf.nest.flatten(state)
    ]

    def body(number: tf.Tensor, state: Any, kept: list[tf.TensorArray]):
        kept = [states.write(number, leaf) for states, leaf in zip(kept, tf.nest.flatten(state), strict=True)]
        return number + 1, segment(state, number), kept

    _, state, kept = tf.while_loop(
        lambda number, *_: number < count,
        body,
        (tf.constant(0), state, kept),
        maximum_iterations=count,
        parallel_iterations=1,
    )
    return state, kept
