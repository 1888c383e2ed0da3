"""The score function with the mean of the other samples as baseline (Williams 1992)."""

import tensorflow as tf

from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.records import Batch, Episode, Metrics, State, Tree
from metaspec.kinds.metagrads.reinforce import Reinforce


def repeated(episode: Episode, count: int) -> Episode:
    """Each task `count` times, one behind the other. What all tasks share has an axis of 1, and stays."""

    def batch(batch: Batch) -> Batch:
        shared = batch.inputs.shape[0] == 1
        inputs = batch.inputs if shared else tf.repeat(batch.inputs, count, axis=0)
        weights = tf.nest.map_structure(lambda each: tf.repeat(each, count, axis=0), batch.weights)
        return Batch(inputs, tf.repeat(batch.targets, count, axis=0), weights)

    return Episode(batch(episode.support), batch(episode.query))


def gradient(config: Reinforce, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient summed over the tasks, and each task's metrics averaged over its samples."""
    method, steps, count = learning.method(1), learning.steps, config.samples

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        tasks = episode.support.targets.shape[0]
        settings, params, seen = learning.start(meta, repeated(episode, count), key)
        state = method.init(settings, seen.support, params)
        dtype = next(iter(params.values())).dtype
        table = None if weights is None else tf.constant(weights, dtype)

        def loss(state: State) -> tf.Tensor:
            return learning.loss(method, settings, state, seen.query)

        def body(number: tf.Tensor, state: State, total: tf.Tensor):
            state = method.step(settings, state, seen.support, number)
            return number + 1, state, total if table is None else total + table[number] * loss(state)

        loop = (tf.constant(0), state, tf.zeros((tasks * count,), dtype))
        _, state, total = tf.while_loop(lambda number, *_: number < steps, body, loop, maximum_iterations=steps)
        reached = tf.reshape(loss(state) if table is None else total, (tasks, count))
        others = (tf.reduce_sum(reached, axis=1, keepdims=True) - reached) / (count - 1)
        advantage = tf.stop_gradient(reached - others) / count
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            logs = tf.reshape(learning.log_probability(meta, tasks * count, key), (tasks, count))
            score = tf.reduce_sum(advantage * logs)
        slopes = tape.gradient(score, meta, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        metrics = learning.metrics(method, settings, state, seen.query)
        means = {name: tf.reduce_mean(tf.reshape(value, (tasks, count)), axis=1) for name, value in metrics.items()}
        return slopes, means

    return meta_gradient
