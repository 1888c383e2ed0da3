"""From what a spec writes for a field to the number that stands at each parameter.

A setting is one value, a learned value, or one for each part. An inner method asks for it by name and inner
step and gets a tree with a tensor for each adapted parameter, broadcastable to (tasks, *parameter shape).
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.records import Batch, Tree
from metaspec.spec.shapes import Parameter
from metaspec.spec.values import Learned, part_of

Setting = Callable[[tf.Tensor | int], Tree]  # inner step -> tree over the parameters


def whole(support: Batch, step: tf.Tensor | int) -> Batch:
    """Every inner step sees the whole support set."""
    return support


class Settings(NamedTuple):
    """The fields of an inner method: `at(name, step)` for those that concern parameters, `number(name)` for the others.

    `batch(support, step)` is what a step sees of the support set. A learned optimizer has `weights`, by name, and the
    key of the numbers that its memory starts with. `shared` is what meta-parameters put among the parameters of every
    task, (tasks, ...): no inner step changes it. `own(step)` has the parameters with a value of its own at each step.
    """

    fields: dict[str, Setting]
    number: Callable[[str], tf.Tensor]
    batch: Callable[[Batch, tf.Tensor | int], Batch] = whole
    weights: Tree = {}
    key: tf.Tensor | None = None
    shared: Tree = {}
    own: Callable[[tf.Tensor | int], Tree] = lambda step: {}

    def at(self, name: str, step: tf.Tensor | int) -> Tree:
        return self.fields[name](step)


def materialise(meta: Tree, key: str, learned: Learned) -> tf.Tensor:
    """The value of a meta-parameter's tensor: the exponential of what is stored where its scale is log."""
    stored = meta[key]
    return tf.exp(stored) if learned.scale == "log" else stored


def number(value: float | Learned, meta: Tree, dtype: tf.DType) -> tf.Tensor:
    """A field that has one value for the whole model."""
    return materialise(meta, value.name, value) if isinstance(value, Learned) else tf.constant(value, dtype)


def setting(value, meta: Tree, parameters: tuple[Parameter, ...], dtype: tf.DType) -> Setting:
    """The tree of a field's value over `parameters`, as a function of the inner step."""
    layers = list(dict.fromkeys(parameter.layer for parameter in parameters))

    def number(parameter: Parameter, position: int, step: tf.Tensor | int) -> tf.Tensor:
        entry = part_of(value, parameter)
        if not isinstance(entry, Learned):
            return tf.constant(entry, dtype)
        key = f"{entry.name}/{parameter.name}" if "parameter" in entry.per else entry.name
        tensor = materialise(meta, key, entry)
        if "step" in entry.per:
            # Evaluation may take more steps than were learned: the last one's value stands for those after it.
            tensor = tensor[tf.minimum(step, tensor.shape[0] - 1)]
        if "layer" in entry.per:
            tensor = tensor[layers.index(parameter.layer)]
        elif "tensor" in entry.per:
            tensor = tensor[position]
        return tensor

    def at(step: tf.Tensor | int) -> Tree:
        return {parameter.name: number(parameter, position, step) for position, parameter in enumerate(parameters)}

    return at
