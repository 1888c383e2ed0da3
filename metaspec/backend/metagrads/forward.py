"""Forward-mode differentiation of the inner loop (Franceschi et al. 2017, section 3.2).

    Z <- (dw' / dw) Z + dw' / dm,    dF/dm = (dF/dw) Z + partial F / partial m

A tangent is pushed through a function by differentiating its vector-Jacobian product, which is linear in the vector,
once more: that needs nothing but reverse mode, and goes through XLA.
"""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.metagrads.particles import in_turn
from metaspec.backend.records import Episode, Metrics, Tree
from metaspec.kinds.metagrads.forward import Forward

ZERO = tf.UnconnectedGradients.ZERO
Tensors = list[tf.Tensor]


def pushed(function: Callable[[Tensors], Tensors], at: Tensors, tangents: Tensors) -> tuple[Tensors, Tensors]:
    """The function's values, and their tangents along each of several tangents of its arguments.

    Tangents have a leading axis of directions, the same for all arguments; all tensors are real.
    """
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as outer:
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(at)
            values = function(at)
        vectors = [tf.zeros_like(value) for value in values]
        outer.watch(vectors)
        products = inner.gradient(values, at, vectors, unconnected_gradients=ZERO)

    def along(direction: Tensors) -> Tensors:
        return outer.gradient(products, vectors, direction, unconnected_gradients=ZERO)

    return values, tf.vectorized_map(along, tangents, fallback_to_while_loop=False)


def gradient(config: Forward, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient, a chunk of directions after the other, each with the whole inner loop."""
    method, steps = learning.method(2), learning.steps

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        names, sizes = list(meta), [value.shape.num_elements() for value in meta.values()]
        numbers, width = sum(sizes), min(config.chunk, sum(sizes))
        values = [meta[name] for name in names]
        dtype, count = values[0].dtype, len(names)
        like = initial(meta, episode, key)
        table = None if weights is None else tf.constant(weights, dtype)

        def started(at: Tensors) -> Tensors:
            return tf.nest.flatten(initial(dict(zip(names, at, strict=True)), episode, key))

        def again(at: Tensors):
            """What the meta-parameters make of the task, and the state, from the arguments of a step."""
            start = learning.start(dict(zip(names, at[:count], strict=True)), episode, key)
            return start, tf.nest.pack_sequence_as(like, at[count:])

        def stepped(number: tf.Tensor) -> Callable[[Tensors], Tensors]:
            def step(at: Tensors) -> Tensors:
                start, state = again(at)
                return tf.nest.flatten(method.step(start.settings, state, start.episode.support, number))

            return step

        def measured(at: Tensors) -> Tensors:
            start, state = again(at)
            return [tf.reduce_sum(learning.loss(method, start.settings, state, start.episode.query))]

        def chunk(number: tf.Tensor) -> tuple[tf.Tensor, Metrics]:
            rows = tf.one_hot(number * width + tf.range(width), numbers, dtype=dtype)  # none behind the last number
            ahead = [
                tf.reshape(part, (width, *value.shape))
                for part, value in zip(tf.split(rows, sizes, axis=1), values, strict=True)
            ]

            def slope(state: Tensors, tangents: Tensors) -> tf.Tensor:
                return pushed(measured, values + state, ahead + tangents)[1][0]

            def body(at: tf.Tensor, state: Tensors, tangents: Tensors, total: tf.Tensor):
                state, tangents = pushed(stepped(at), values + state, ahead + tangents)
                if table is not None:
                    total += table[at] * slope(state, tangents)
                return at + 1, state, tangents, total

            state, tangents = pushed(started, values, ahead)
            total = tf.zeros((width,), dtype)
            _, state, tangents, total = tf.while_loop(
                lambda at, *_: at < steps, body, (tf.constant(0), state, tangents, total), maximum_iterations=steps
            )
            total = slope(state, tangents) if table is None else total
            start, last = again(values + state)
            return total, learning.metrics(method, start.settings, last, start.episode.query)

        chunks = -(-numbers // width)
        totals, metrics = in_turn(chunk, tf.range(chunks), chunks)
        parts = tf.split(tf.reshape(totals, (-1,))[:numbers], sizes)
        found = {name: tf.reshape(part, meta[name].shape) for name, part in zip(names, parts, strict=True)}
        return found, {name: value[0] for name, value in metrics.items()}

    def initial(meta: Tree, episode: Episode, key: tf.Tensor):
        start = learning.start(meta, episode, key)
        return method.init(start.settings, start.episode.support, start.params)

    return meta_gradient
