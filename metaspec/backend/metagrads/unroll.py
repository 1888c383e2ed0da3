"""Back-propagation through the inner steps, whole or in recomputed segments (Finn et al. 2017, equation 1).

With segments only the states between them are kept. The backward pass takes the segments from the last to the
first, computes each forward again under a tape, and pulls the gradient with respect to its last state back to
its first: memory is that of one segment and of the states, time at most one more forward pass.
"""

from math import ceil, isqrt
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.learning import Learning, Start
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.metagrads.step_weights import Weights, of_steps
from metaspec.backend.records import Episode, InnerMethod, Metrics, State, Tree
from metaspec.kinds.metagrads.unroll import Unroll

# Inner steps written out in the graph one by one; longer runs of steps become a loop, whose size does not grow.
WRITTEN_OUT = 8


class Segment(NamedTuple):
    first: int
    length: int


def segments(steps: int, checkpoint: str | int) -> tuple[Segment, ...]:
    """How `steps` inner steps are cut: not at all, into about sqrt(steps) pieces, or every N steps."""
    if steps == 0:
        return (Segment(0, 0),)
    length = {"none": steps, "sqrt": ceil(steps / max(1, isqrt(steps)))}.get(checkpoint, checkpoint)
    return tuple(Segment(first, min(length, steps - first)) for first in range(0, steps, length))


def gradient(config: Unroll, learning: Learning, weights: Weights | None) -> MetaGradient:
    """The meta-gradient of the query loss after the last step, or of its weighted sum over the steps."""
    first = round(config.first_order * learning.iterations) if config.order == 2 else 0
    later = of_order(config.order, config, learning, weights)
    if first == 0:
        return later
    early = of_order(1, config, learning, weights)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        arguments = (meta, episode, key, iteration)
        return tf.cond(tf.less(iteration, first), lambda: early(*arguments), lambda: later(*arguments))

    return meta_gradient


def of_order(order: int, config: Unroll, learning: Learning, over_steps: Weights | None) -> MetaGradient:
    """The meta-gradient with the inner gradients differentiated (order 2) or held constant (1)."""
    method = learning.method(order)
    pieces = segments(learning.steps, config.checkpoint)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        weights = of_steps(over_steps, iteration, next(iter(meta.values())).dtype)

        def begin(meta: Tree) -> tuple[Start, State]:
            start = learning.start(meta, episode, key)
            return start, method.init(start.settings, start.episode.support, start.params)

        def forward(meta: Tree, start: Start, state: State, piece: Segment) -> tuple[State, tf.Tensor, Metrics]:
            looped = len(pieces) > 1 or piece.length > WRITTEN_OUT
            state, inside = advance(method, learning, weights, start, state, piece, looped)
            if piece is not pieces[-1]:
                return state, inside, {}
            found, metrics = learning.judged(method, start.settings, state, start.episode.query)
            last = tf.reduce_sum(found)
            return state, inside + (last if weights is None else weights[-1] * last), metrics

        if len(pieces) == 1:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(meta)
                _, objective, metrics = forward(meta, *begin(meta), pieces[0])
            return tape.gradient(objective, meta, unconnected_gradients=tf.UnconnectedGradients.ZERO), metrics

        def resumed(meta: Tree, state: State, piece: Segment) -> tuple[State, tf.Tensor, Metrics]:
            """A segment from its first state on; what the meta-parameters do besides is computed again, under the tape."""
            return forward(meta, learning.start(meta, episode, key), state, piece)

        states = [begin(meta)[1]]
        for piece in pieces[:-1]:
            states.append(resumed(meta, states[-1], piece)[0])
        total, cotangent, metrics = zero(meta), None, {}
        for piece, state in zip(reversed(pieces), reversed(states), strict=True):
            pulled, cotangent, found = pull_back(resumed, meta, state, piece, cotangent)
            total = {name: total[name] + pulled[name] for name in total}
            metrics = metrics or found
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            flat = tf.nest.flatten(begin(meta)[1])
        pulled = tape.gradient(flat, meta, cotangent, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: total[name] + pulled[name] for name in total}, metrics

    return meta_gradient


def advance(
    method: InnerMethod, learning: Learning, weights, start: Start, state: State, piece: Segment, looped: bool
) -> tuple[State, tf.Tensor]:
    """The state after a segment, and the weighted losses of the steps in it but the very last of all.

    Recomputed segments are always loops: steps written out twice would be found equal and merged by the graph's
    optimiser, and the states that recomputation is to save would be kept after all.
    """
    settings, episode = start.settings, start.episode
    dtype = next(iter(state.params.values())).dtype

    def one(number, state: State, total: tf.Tensor, weight) -> tuple[State, tf.Tensor]:
        state = method.step(settings, state, episode.support, number)
        if weights is None:
            return state, total
        return state, total + weight * tf.reduce_sum(learning.loss(method, settings, state, episode.query))

    total = tf.zeros((), dtype)
    # The very last step's loss is computed with its metrics, by the caller.
    before = None if weights is None else [*weights[:-1], 0.0]
    if not looped:
        for number in range(piece.first, piece.first + piece.length):
            state, total = one(number, state, total, before and before[number])
        return state, total
    table = None if before is None else tf.convert_to_tensor(before, dtype)

    def body(number, state: State, total: tf.Tensor):
        state, total = one(number, state, total, None if table is None else table[number])
        return number + 1, state, total

    end = piece.first + piece.length
    _, state, total = tf.while_loop(
        lambda number, *_: number < end, body, (tf.constant(piece.first), state, total), maximum_iterations=piece.length
    )
    return state, total


def pull_back(forward, meta: Tree, state: State, piece: Segment, cotangent):
    """Through one segment: gradients with respect to the meta-parameters and to the segment's first state.

    `cotangent` is the gradient with respect to the segment's last state, None where nothing follows.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(meta)
        tape.watch(tf.nest.flatten(state))
        after, objective, metrics = forward(meta, state, piece)
    targets, seeds = [objective], [tf.ones_like(objective)]
    if cotangent is not None:
        targets += tf.nest.flatten(after)
        seeds += cotangent
    names = list(meta)
    sources = [meta[name] for name in names] + tf.nest.flatten(state)
    pulled = tape.gradient(targets, sources, seeds, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return dict(zip(names, pulled[: len(names)], strict=True)), pulled[len(names) :], metrics


def zero(meta: Tree) -> Tree:
    return {name: tf.zeros_like(value) for name, value in meta.items()}
