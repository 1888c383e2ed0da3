"""The records that pass between the parts of a meta-iteration."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

Tree = dict[str, tf.Tensor]
Metrics = dict[str, tf.Tensor]


class Batch(NamedTuple):
    """Inputs (tasks, items, ...) and targets: (tasks, items, outputs) of numbers, or (tasks, items) of class indices."""

    inputs: tf.Tensor
    targets: tf.Tensor


class Episode(NamedTuple):
    """One task for each position of the task axis."""

    support: Batch
    query: Batch


class Learner(NamedTuple):
    """What an inner method learns: a model with a loss.

    `loss(params, batch) -> (tasks,)`, the mean over a task's items; `metrics(params, batch)` has what evaluation
    reports, each (tasks,); `predict(params, inputs)` gives the outputs.
    """

    loss: Callable[[Tree, Batch], tf.Tensor]
    metrics: Callable[[Tree, Batch], Metrics]
    predict: Callable[[Tree, tf.Tensor], tf.Tensor]


class State(NamedTuple):
    """Of one inner loop: all parameters of the model, and what the method remembers besides."""

    params: Tree
    memory: Any


class InnerMethod(NamedTuple):
    """How one task is learned, as pure functions of the meta-parameters' values (see `settings.Settings`)."""

    init: Callable[[Any, Batch, Tree], State]  # (settings, support, initial parameters) -> state
    step: Callable[[Any, State, Batch, tf.Tensor], State]  # (settings, state, support, inner step) -> state


class TaskFunctions(NamedTuple):
    """A task block's episodes. One of the two is there.

    `sample(key, count) -> Episode` draws `count` tasks inside the graph. `gather(split, iteration, first, count)
    -> Episode` of NumPy arrays does it outside, from files.
    """

    sample: Callable[[tf.Tensor, int], Episode] | None = None
    gather: Callable[[str, int, int, int], Episode] | None = None


class OuterMethod(NamedTuple):
    """One outer update, as pure functions over a tree of meta-parameters.

    `slots` names the arrays it keeps for each meta-parameter, with the value they start at;
    `update(meta, slots, gradient, lr, iteration) -> (meta, slots)` with the iteration counted from 0.
    """

    slots: dict[str, float]
    update: Callable[[Tree, dict[str, Tree], Tree, tf.Tensor, tf.Tensor], tuple[Tree, dict[str, Tree]]]
