"""Back-propagation through the inner steps, whole or in recomputed segments (Finn et al. 2017, equation 1).

With segments, memory is that of one segment and of the states between them, time at most one more forward pass.
"""

import tensorflow as tf

from metaspec.backend.learning import Learning, Start
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.metagrads.segments import ZERO, recomputed, segments
from metaspec.backend.metagrads.step_weights import Weights, of_steps
from metaspec.backend.records import Episode, InnerMethod, Metrics, State, Tree
from metaspec.kinds.metagrads.unroll import Unroll

# Inner steps written out in the graph one by one; longer runs of steps become a loop, whose size does not grow.
WRITTEN_OUT = 8


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
    method, steps = learning.method(order), learning.steps
    cut = segments(steps, config.checkpoint)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        weights = of_steps(over_steps, iteration, next(iter(meta.values())).dtype)

        def start(meta: Tree) -> Start:
            return learning.start(meta, episode, key)

        def begin(start: Start) -> State:
            return method.init(start.settings, start.episode.support, start.params)

        def whole(meta: Tree) -> tuple[tf.Tensor, Metrics]:
            begun = start(meta)
            state, inside = advance(method, learning, weights, begun, begin(begun), 0, steps)
            final, metrics = last(begun, state)
            return inside + final, metrics

        def segment(meta: Tree, state: State, number: tf.Tensor) -> tuple[State, tf.Tensor]:
            """From its first state on; what the meta-parameters do besides is computed again, under the tape."""
            return looped(method, learning, weights, start(meta), state, number * cut.length, cut.length)

        def last(start: Start, state: State) -> tuple[tf.Tensor, Metrics]:
            """What the last step has in the objective, and the metrics."""
            found, metrics = learning.judged(method, start.settings, state, start.episode.query)
            total = tf.reduce_sum(found)
            return total if weights is None else weights[-1] * total, metrics

        if cut.count == 1:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(meta)
                objective, metrics = whole(meta)
            return tape.gradient(objective, meta, unconnected_gradients=ZERO), metrics
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            first = begin(start(meta))
        total, cotangent, metrics = recomputed(
            meta, first, segment, lambda meta, state: last(start(meta), state), cut.count
        )
        pulled = tape.gradient(tf.nest.flatten(first), meta, tf.nest.flatten(cotangent), unconnected_gradients=ZERO)
        return {name: total[name] + pulled[name] for name in total}, metrics

    return meta_gradient


def advance(method: InnerMethod, learning: Learning, weights, start: Start, state: State, first, length: int):
    """The state after `length` steps from `first` on, and the weighted losses of these steps but the very last of all."""
    if length > WRITTEN_OUT:
        return looped(method, learning, weights, start, state, first, length)
    table, total = before_last(weights), tf.zeros((), next(iter(state.params.values())).dtype)
    for number in range(first, first + length):
        weight = None if table is None else table[number]
        state, total = one_step(method, learning, start, number, state, total, weight)
    return state, total


def looped(method: InnerMethod, learning: Learning, weights, start: Start, state: State, first, length: int):
    """The same as a loop; fewer steps where fewer are left.

    Recomputed segments are always loops: steps written out twice would be found equal and merged by the graph's
    optimiser, and the states that recomputation is to save would be kept after all.
    """
    dtype, table = next(iter(state.params.values())).dtype, before_last(weights)
    table = None if table is None else tf.convert_to_tensor(table, dtype)
    end = tf.minimum(first + length, learning.steps)

    def body(number, state: State, total: tf.Tensor):
        weight = None if table is None else table[number]
        return number + 1, *one_step(method, learning, start, number, state, total, weight)

    _, state, total = tf.while_loop(
        lambda number, *_: number < end,
        body,
        (tf.convert_to_tensor(first), state, tf.zeros((), dtype)),
        maximum_iterations=length,
    )
    return state, total


def one_step(method: InnerMethod, learning: Learning, start: Start, number, state: State, total: tf.Tensor, weight):
    """The state after a step, and the total with the step's weighted loss, where one is wanted."""
    settings, episode = start.settings, start.episode
    state = method.step(settings, state, episode.support, number)
    if weight is None:
        return state, total
    return state, total + weight * tf.reduce_sum(learning.loss(method, settings, state, episode.query))


def before_last(weights) -> list | None:
    """The weights of all steps but the last, whose loss is computed with its metrics."""
    return None if weights is None else [*weights[:-1], 0.0]
