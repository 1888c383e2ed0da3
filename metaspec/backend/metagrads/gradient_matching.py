"""The distance of the support gradient to the query gradient along the inner loop (Zhao et al. 2021, equation 8)."""

import tensorflow as tf

from metaspec.backend.inner import support_gradient
from metaspec.backend.layers.heads import directions
from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.records import Batch, Episode, Metrics, State, Tree
from metaspec.kinds.metagrads.gradient_matching import GradientMatching

ZERO = tf.UnconnectedGradients.ZERO


def distance(kind: str, one: Tree, other: Tree) -> tf.Tensor:
    """Of two gradients, (tasks,): see `metaspec.kinds.metagrads.gradient_matching`."""
    if kind == "squares":
        return tf.add_n([sums(tf.square(one[name] - other[name])) for name in one])
    kernels = [name for name in one if one[name].shape.rank > 2]
    return tf.add_n([tf.reduce_sum(1 - cosines(one[name], other[name]), axis=1) for name in kernels])


def sums(values: tf.Tensor) -> tf.Tensor:
    """(tasks, ...) -> (tasks,)"""
    return tf.reduce_sum(values, axis=list(range(1, values.shape.rank)))


def cosines(one: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
    """Kernels (tasks, ..., outputs) -> the cosine of the angle between each output's weights, (tasks, outputs)."""

    def rows(kernel: tf.Tensor) -> tf.Tensor:
        flat = tf.reshape(kernel, (kernel.shape[0], -1, kernel.shape[-1]))
        return directions(tf.linalg.matrix_transpose(flat))

    return tf.reduce_sum(rows(one) * rows(other), axis=-1)


def gradient(config: GradientMatching, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient summed over the tasks, and the metrics of the query set after the last step."""
    method, steps = learning.method(1), learning.steps
    problem = learning.problem(2)

    def own_loss(params: Tree, batch: Batch) -> tf.Tensor:
        return learning.measure.loss(problem.predict(params, batch.inputs), batch.targets)

    query_gradient = support_gradient(own_loss, problem.adapted, 1)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        begun = learning.start(meta, episode, key)
        settings, seen = begun.settings, begun.episode

        def slopes(state: State, number: tf.Tensor) -> list[tf.Tensor]:
            wanted = query_gradient({**state.params, **settings.shared}, seen.query)
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(meta)
                start = learning.start(meta, episode, key)
                batch = start.settings.batch(start.episode.support, number)
                params = {**tf.nest.map_structure(tf.stop_gradient, state.params), **start.settings.shared}
                total = tf.reduce_sum(distance(config.distance, problem.gradient(params, batch), wanted))
            return tape.gradient(total, list(meta.values()), unconnected_gradients=ZERO)

        def body(number: tf.Tensor, state: State, total: list[tf.Tensor]):
            more = slopes(state, number)
            state = method.step(settings, state, seen.support, number)
            return number + 1, state, [one + each / steps for one, each in zip(total, more, strict=True)]

        state = method.init(settings, seen.support, begun.params)
        loop = (tf.constant(0), state, [tf.zeros_like(value) for value in meta.values()])
        _, state, total = tf.while_loop(
            lambda number, *_: number < steps, body, loop, maximum_iterations=steps, parallel_iterations=1
        )
        metrics = learning.metrics(method, settings, state, seen.query)
        return dict(zip(meta, total, strict=True)), metrics

    return meta_gradient
