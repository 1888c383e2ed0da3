"""The gradient of the loss at the initial weights (Caruana 1997)."""

import tensorflow as tf

from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.metagrads.reptile import joined
from metaspec.backend.records import Episode, Metrics, Tree
from metaspec.kinds.metagrads.joint import Joint


def gradient(config: Joint, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient, and the metrics of the query set; the inner method takes no step."""
    method = learning.method(1)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            settings, params, episode = learning.start(meta, episode, key)
            state = method.init(settings, episode.support, params)
            items = joined(episode) if config.items == "all" else episode.query
            objective = tf.reduce_sum(learning.loss(method, settings, state, items))
        metrics = learning.metrics(method, settings, state, episode.query)
        return tape.gradient(objective, meta, unconnected_gradients=tf.UnconnectedGradients.ZERO), metrics

    return meta_gradient
