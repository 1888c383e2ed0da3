"""The records that pass between the parts of a meta-iteration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend.optimizers.layout import Layout
from metaspec.backend.trees import Tree

Metrics = dict[str, tf.Tensor]


class Batch(NamedTuple):
    """Inputs (tasks, items, ...) and targets: (tasks, items, outputs) of numbers, or (tasks, items) of class indices.

    `weights`, (tasks, items), is there where tasks have unequal numbers of items: 1 for an item, 0 for a place that one
    task leaves empty. Empty places are ignored by losses, statistics and heads.
    """

    inputs: tf.Tensor
    targets: tf.Tensor
    weights: tf.Tensor | tuple[()] = ()


class Episode(NamedTuple):
    """One task for each position of the task axis."""

    support: Batch
    query: Batch


class Network(NamedTuple):
    """A model, cut before its last layer.

    `features(params, inputs, weights) -> (tasks, items, width)`, where the weights of the items, `()` for none, are for
    models whose items depend on each other; `head(params, features) -> (tasks, items, outputs)`.
    `statistics(params, inputs, weights)`, for a model that keeps statistics of its normalisations, has the mean and the
    variance of each, (tasks, channels), by `LAYER.mean` and `LAYER.variance`. Where `params` holds entries of these
    names they normalise, instead of the statistics of the batch.
    """

    features: Callable[..., tf.Tensor]
    head: Callable[[Tree, tf.Tensor], tf.Tensor]
    statistics: Callable[..., Tree] | None = None


class Measure(NamedTuple):
    """What is measured of outputs against targets: the loss (tasks,), and all metrics, each (tasks,).

    The loss takes the items' weights behind them, `()` for none; metrics are of query sets, which have none. `names` are
    those of the metrics.
    """

    loss: Callable[..., tf.Tensor]
    metrics: Callable[[tf.Tensor, tf.Tensor], Metrics]
    names: tuple[str, ...]


class Problem(NamedTuple):
    """What an inner method learns: a model with a loss, on batches as the method sees them.

    Where only the head is adapted, or the method brings a head of its own, `in_head` holds and the inputs of every
    batch are features: the rest of the model runs once for each task and not in every inner step.

    `predict(params, inputs, weights)` gives outputs (tasks, items, outputs), `loss(params, batch)` the mean over a
    task's items, (tasks,). `gradient(params, support)` is the gradient of each task's support loss with respect to its adapted
    parameters; the metagrad decides whether it may be differentiated again. Where there is a `layout`, the one adapted
    parameter is all tensors on an element axis, (positions, elements).
    """

    predict: Callable[..., tf.Tensor]
    loss: Callable[[Tree, Batch], tf.Tensor]
    gradient: Callable[[Tree, Batch], Tree]
    adapted: tuple[str, ...]
    in_head: bool
    outputs: int
    classifies: bool
    compiled: bool  # whether the graph goes through XLA
    layout: Layout | None = None


class State(NamedTuple):
    """Of one inner loop: all parameters of the model, what the method remembers besides, and where it started.

    `start` has the adapted parameters before the first step, for methods that are pulled back to them.
    """

    params: Tree
    memory: Any
    start: Tree


class InnerMethod(NamedTuple):
    """How one task is learned, as pure functions of the meta-parameters' values (see `settings.Settings`).

    `init(settings, support, params) -> state`, before the first step; a method without steps is solved here.
    `step(settings, state, support, number) -> state`.
    `predict(settings, state, inputs) -> outputs`; None stands for the model at `state.params`.
    `residual(settings, state, support) -> tree` over the adapted parameters: what is zero at the inner solution. Only
    methods that have one can be differentiated implicitly.
    `penalty(settings, state) -> (tasks,)`, added to the outer objective.
    """

    init: Callable[[Any, Batch, Tree], State]
    step: Callable[[Any, State, Batch, Any], State]
    predict: Callable[[Any, State, tf.Tensor], tf.Tensor] | None = None
    residual: Callable[[Any, State, Batch], Tree] | None = None
    penalty: Callable[[Any, State], tf.Tensor] | None = None


class TaskFunctions(NamedTuple):
    """A task block's episodes. One of the three is there.

    `sample(key, count) -> Episode` draws `count` tasks inside the graph. `gather(split, iteration, first, count)
    -> Episode` of NumPy arrays does it outside, from files. `pool(split, instances)` has those of the pool by their numbers.

    `names(split, iteration, first, count)` has the class of each label, (tasks, classes) texts, where classes have names.
    `given(name)` is where a learned tensor starts that starts at something of the task's data.
    """

    sample: Callable[[tf.Tensor, int], Episode] | None = None
    gather: Callable[[str, int, int, int], Episode] | None = None
    pool: Callable[[str, tuple[int, ...]], Episode] | None = None
    given: Callable[[str], np.ndarray] | None = None
    names: Callable[[str, int, int, int], np.ndarray] | None = None


class OuterMethod(NamedTuple):
    """One outer update, as pure functions over a tree of meta-parameters.

    `slots` names the arrays it keeps for each meta-parameter, with the value they start at;
    `update(meta, slots, gradient, lr, iteration) -> (meta, slots)` with the iteration counted from 0. A method that keeps
    arrays of other shapes has `begin(meta)` instead, a list of them, which then stands for the slots.
    """

    slots: dict[str, float]
    update: Callable[[Tree, Any, Tree, tf.Tensor, tf.Tensor], tuple[Tree, Any]]
    begin: Callable[[Tree], list[tf.Tensor]] | None = None


class ScoreMethod(NamedTuple):
    """One outer update from the scores of candidates, as pure functions; the lowest score is the best.

    `slots(meta)` is what it keeps, at the start; `sample(meta, slots, key)` the candidates, (candidates, *shape) for each
    meta-parameter; `update(meta, slots, candidates, scores, key) -> (meta, slots, order)`, where `order` says, for methods
    with `members` that train on, from which of them each takes its weights.
    """

    slots: Callable[[Tree], dict[str, Tree]]
    sample: Callable[[Tree, dict[str, Tree], tf.Tensor], Tree]
    update: Callable[[Tree, dict[str, Tree], Tree, tf.Tensor, tf.Tensor], tuple[Tree, dict[str, Tree], tf.Tensor]]
    members: bool = False
