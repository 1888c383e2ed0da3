"""Predictions of evaluation: kept statistics instead of the batch's, and query items one at a time."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.learning import Learning, Start
from metaspec.backend.records import Batch, Episode, InnerMethod, Metrics, State, Tree
from metaspec.backend.statistics import kept


def begin(learning: Learning, meta: Tree, episode: Episode, key: tf.Tensor, alone: bool) -> Start:
    """The start of a task in evaluation.

    Inner steps take the statistics of the support items, which are there together, as in training; kept ones serve the
    predictions (`at_step`). Where the head alone is learned, it learns from features that kept statistics normalise.
    """
    tasks = episode.support.targets.shape[0]
    statistics = kept(meta, 0, tasks)
    start = learning.start(meta, episode, key)
    if not statistics and not alone:
        return start
    if not learning.problem(1).in_head:
        return start
    params = {**start.params, **statistics}

    def features(inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        return learning.network.features(params, inputs, weights)

    support, query = episode
    found = one_by_one(features, support, query.inputs) if alone else features(query.inputs)
    own = support._replace(inputs=features(support.inputs, support.weights))
    seen = Episode(own, query._replace(inputs=found))
    return start._replace(params=params, episode=seen)


def at_step(meta: Tree, state: State, number) -> State:
    """The state to predict from after `number` inner steps: with the statistics that belong there, if any are kept."""
    return state._replace(params={**state.params, **kept(meta, number, next(iter(state.params.values())).shape[0])})


def metrics(learning: Learning, method: InnerMethod, start: Start, state: State, alone: bool) -> Metrics:
    """What is reported of the query set."""
    query = start.episode.query
    if not alone or learning.problem(1).in_head:
        return learning.metrics(method, start.settings, state, query)
    return learning.measure.metrics(outputs(learning, method, start, state, alone), query.targets)


def outputs(learning: Learning, method: InnerMethod, start: Start, state: State, alone: bool) -> tf.Tensor:
    """What the model says of the query items, (tasks, items, outputs)."""
    query = start.episode.query
    if not alone or learning.problem(1).in_head:
        return method.predict(start.settings, state, query.inputs)

    def predict(inputs: tf.Tensor, weights: tf.Tensor | tuple[()]) -> tf.Tensor:
        if isinstance(weights, tuple):
            return method.predict(start.settings, state, inputs)
        return learning.problem(1).predict(state.params, inputs, weights)

    return one_by_one(predict, start.episode.support, query.inputs)


def one_by_one(apply: Callable[..., tf.Tensor], support: Batch, query: tf.Tensor) -> tf.Tensor:
    """`apply` on each query item beside the support items alone, (tasks, items, width).

    The statistics of a batch are then those of the support set and one item, as where Nichol et al. 2018 evaluate
    without transduction.
    """
    items = query.shape[1]
    weights = support.weights
    if not isinstance(weights, tuple):
        weights = tf.concat([weights, tf.ones_like(weights[:, :1])], axis=1)

    def single(number) -> tf.Tensor:
        return apply(tf.concat([support.inputs, tf.gather(query, [number], axis=1)], axis=1), weights)[:, -1]

    def body(number, rows):
        return number + 1, tf.tensor_scatter_nd_update(rows, [[number]], [single(number)])

    first = single(0)
    loop = (tf.constant(1), tf.pad(first[tf.newaxis], [[0, items - 1], [0, 0], [0, 0]]))
    _, rows = tf.while_loop(lambda number, _: number < items, body, loop, maximum_iterations=items)
    return tf.transpose(rows, (1, 0, 2))
