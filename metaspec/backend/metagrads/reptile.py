"""(initial - adapted) as the meta-gradient of the initial weights (Nichol et al. 2018, algorithms 1 and 2)."""

import tensorflow as tf

from metaspec.backend.keys import ITEMS, fold, uniform
from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.records import Batch, Episode, Metrics, State, Tree
from metaspec.backend.trees import dot
from metaspec.kinds.metagrads.reptile import Reptile


def gradient(config: Reptile, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient, and the metrics of the query set after the last step."""
    method, adapted = learning.method(1), learning.problem(1).adapted

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        items = fold(key, ITEMS)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            settings, params, episode = learning.start(meta, episode, key)
            with tape.stop_recording():
                support = joined(episode) if config.items == "all" else episode.support
                state = method.init(settings, support, params)

                def body(number, state: State):
                    batch = support if config.batch is None else drawn(support, config.batch, fold(items, number))
                    return number + 1, method.step(settings, state, batch, number)

                _, state = tf.while_loop(
                    lambda number, _: number < learning.steps,
                    body,
                    (tf.constant(0), state),
                    maximum_iterations=learning.steps,
                )
                distance = {name: tf.stop_gradient(params[name] - state.params[name]) for name in adapted}
            # Linear in the initial weights, with the distance as their gradient, wherever they come from.
            total = tf.reduce_sum(dot(distance, {name: params[name] for name in adapted}))
        metrics = learning.metrics(method, settings, state, episode.query)
        return tape.gradient(total, meta, unconnected_gradients=tf.UnconnectedGradients.ZERO), metrics

    return meta_gradient


def joined(episode: Episode) -> Batch:
    """Support and query as one batch."""
    support, query = episode
    weights = support.weights
    if not isinstance(weights, tuple):
        weights = tf.concat([weights, tf.ones(query.targets.shape[:2], weights.dtype)], axis=1)
    inputs, targets = (tf.concat(both, axis=1) for both in zip(support[:2], query[:2], strict=True))
    return Batch(inputs, targets, weights)


def drawn(batch: Batch, count: int, key: tf.Tensor) -> Batch:
    """`count` different items of each task."""
    tasks, items = batch.targets.shape[:2]
    places = uniform(key, (tasks, items), tf.float32)
    if not isinstance(batch.weights, tuple):
        places += 1.0 - tf.cast(batch.weights, tf.float32)  # empty places last: a batch has one only where items end
    order = tf.argsort(places, axis=1)[:, :count]
    return tf.nest.map_structure(lambda tensor: tf.gather(tensor, order, batch_dims=1), batch)
