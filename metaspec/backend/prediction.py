"""Predictions of evaluation: kept statistics instead of the batch's, and query items one at a time."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.learning import Learning, Start
from metaspec.backend.records import Batch, Episode, InnerMethod, Metrics, State, Tree
from metaspec.backend.statistics import kept


def begin(learning: Learning, meta: Tree, episode: Episode, key: tf.Tensor, alone: bool) -> Start:
    """The start of a task in evaluation."""
    tasks = episode.support.targets.shape[0]
    statistics = kept(meta, 0, tasks)
    start = learning.start(meta, episode, key)
    if not statistics and not alone:
        return start
    params = {**start.params, **statistics}
    if not learning.problem(1).in_head:
        return start._replace(params=params)

    def features(inputs: tf.Tensor) -> tf.Tensor:
        return learning.network.features(params, inputs)

    support, query = episode.support.inputs, episode.query.inputs
    found = one_by_one(features, support, query) if alone else features(query)
    seen = Episode(Batch(features(support), episode.support.targets), Batch(found, episode.query.targets))
    return start._replace(params=params, episode=seen)


def at_step(meta: Tree, state: State, number) -> State:
    """The state with the statistics that belong after `number` inner steps."""
    return state._replace(params={**state.params, **kept(meta, number, next(iter(state.params.values())).shape[0])})


def metrics(learning: Learning, method: InnerMethod, start: Start, state: State, alone: bool) -> Metrics:
    """What is reported of the query set."""
    query = start.episode.query
    if not alone or learning.problem(1).in_head:
        return learning.metrics(method, start.settings, state, query)

    def predict(inputs: tf.Tensor) -> tf.Tensor:
        return method.predict(start.settings, state, inputs)

    return learning.measure.metrics(one_by_one(predict, start.episode.support.inputs, query.inputs), query.targets)


def one_by_one(apply: Callable[[tf.Tensor], tf.Tensor], support: tf.Tensor, query: tf.Tensor) -> tf.Tensor:
    """`apply` on each query item beside the support items alone, (tasks, items, width).

    The statistics of a batch are then those of the support set and one item, as where Nichol et al. 2018 evaluate
    without transduction.
    """
    items = query.shape[1]

    def single(number) -> tf.Tensor:
        return apply(tf.concat([support, tf.gather(query, [number], axis=1)], axis=1))[:, -1]

    def body(number, rows):
        return number + 1, tf.tensor_scatter_nd_update(rows, [[number]], [single(number)])

    first = single(0)
    loop = (tf.constant(1), tf.pad(first[tf.newaxis], [[0, items - 1], [0, 0], [0, 0]]))
    _, rows = tf.while_loop(lambda number, _: number < items, body, loop, maximum_iterations=items)
    return tf.transpose(rows, (1, 0, 2))
