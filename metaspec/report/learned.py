"""What was learned, in words and numbers: each meta-parameter as it began and as it is now."""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np

from metaspec.plan.model import MetaTensor, Plan
from metaspec.runtime.arrays import Arrays
from metaspec.spec.values import Distribution, Given, Load

_LISTED = 8  # values that are printed one by one; of more, their range
_THINGS = {"train_on": "numbers of items", "architecture": "numbers of an architecture"}


class LearnedValue(NamedTuple):
    """One meta-parameter. `now` is a text: the value, the values by layer, or their range and where they are."""

    name: str
    numbers: int
    what: str
    start: str
    now: str


def learned_values(plan: Plan, parameters: Arrays) -> tuple[LearnedValue, ...]:
    """Every meta-parameter in the order of the plan; `parameters` are those that the run kept."""
    names = dict.fromkeys(tensor.meta_parameter for tensor in plan.meta)
    return tuple(_value(plan, name, parameters) for name in names)


def _value(plan: Plan, name: str, parameters: Arrays) -> LearnedValue:
    tensors = [tensor for tensor in plan.meta if tensor.meta_parameter == name]
    arrays = [_materialised(tensor, parameters[f"meta/{tensor.key}"]) for tensor in tensors]
    numbers = sum(tensor.size for tensor in tensors)
    first = tensors[0]
    if isinstance(first.start, float):
        begin = exp(first.start) if first.scale == "log" else first.start
        return LearnedValue(name, numbers, _per(numbers), f"{begin:.4g}", _numbers(plan, first, arrays))
    if isinstance(first.start, Given):
        start = f"{first.start.given} of the data"
    elif isinstance(first.start, Distribution):
        start = "random"  # the weights of a learned optimizer, each tensor with draws of its own
    else:
        start = f"the run {first.start.load}" if isinstance(first.start, Load) else first.start
    whole = np.concatenate([array.ravel() for array in arrays])
    now = f"between {whole.min():.3g} and {whole.max():.3g}, in parameters.safetensors"
    what = "initial weights" if name.endswith("init") else _THINGS.get(name.rpartition(".")[2], "weights")
    return LearnedValue(name, numbers, f"{numbers:_} {what}", start, now)


def _per(numbers: int) -> str:
    return "a number" if numbers == 1 else f"{numbers:_} numbers"


def _numbers(plan: Plan, tensor: MetaTensor, arrays: list[np.ndarray]) -> str:
    values = np.concatenate([array.ravel() for array in arrays])
    layers = list(dict.fromkeys(parameter.layer for parameter in plan.parameters))
    if len(values) == 1:
        return f"{values[0]:.4g}"
    if tensor.shape == (len(layers),) and len(layers) <= _LISTED:
        return ", ".join(f"{layer} {value:.4g}" for layer, value in zip(layers, values, strict=True))
    if len(values) <= _LISTED:
        return ", ".join(f"{value:.4g}" for value in values)
    return f"from {values.min():.4g} to {values.max():.4g}, median {np.median(values):.4g}"


def _materialised(tensor: MetaTensor, array: np.ndarray) -> np.ndarray:
    """The value itself, where the tensor holds its logarithm."""
    return np.exp(array) if tensor.scale == "log" else array
