"""Meta-parameters before the first meta-iteration: given by the data, taken from a finished run, a number or a draw."""

from collections.abc import Mapping

import tensorflow as tf

from metaspec.backend.initial import draw
from metaspec.backend.keys import fold, stream
from metaspec.backend.records import TaskFunctions, Tree
from metaspec.backend.weights import from_distribution, loaded
from metaspec.plan.model import MetaTensor, Plan
from metaspec.spec.values import Distribution, Given, Load


def start(plan: Plan, tasks: Mapping[str, TaskFunctions], dtype: tf.DType) -> Tree:
    """All tensors in the order of the plan. Those that are drawn together, `drawn_with`, have the same draw."""
    key = stream(plan.spec.train.seed, "meta-parameters")
    places = {tensor.key: number for number, tensor in enumerate(plan.meta)}
    return {
        tensor.key: initial(tensor, tasks, fold(key, places[tensor.drawn_with or tensor.key]), dtype)
        for tensor in plan.meta
    }


def initial(tensor: MetaTensor, tasks: Mapping[str, TaskFunctions], key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """One meta-parameter's tensor. Raises ValueError where a finished run has none of its name or shape."""
    begun = tensor.start
    if isinstance(begun, Given):
        return tf.cast(tasks[tensor.task].given(begun.given), dtype)
    if isinstance(begun, Load):
        return tf.ensure_shape(loaded(tensor.key, begun, dtype), tensor.shape)
    if isinstance(begun, Distribution):
        return from_distribution(begun, tensor.shape, key, dtype)
    if isinstance(begun, float):
        return tf.fill(tensor.shape, tf.constant(begun, dtype))
    role = tensor.key.rpartition(".")[2]
    return draw(begun, role, tensor.shape, tensor.fan_in, tensor.fan_out, key, dtype)
