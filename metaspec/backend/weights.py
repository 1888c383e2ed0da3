"""The weights of a learned optimizer: meta-parameters, constants from a finished run, or drawn once for the run."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from safetensors.numpy import load_file

from metaspec.backend.initial import draw
from metaspec.backend.keys import fold, stream, transform, uniform
from metaspec.backend.records import Tree
from metaspec.plan.model import Plan
from metaspec.resolve.loaded import FIELDS, PARAMETERS, prefix_of
from metaspec.spec.optimizer import LearnedInner, Weight
from metaspec.spec.values import Distribution, Learned, Load


def weights(plan: Plan, meta: Tree, dtype: tf.DType) -> Tree:
    """By the names that the optimizer's kind gives them; empty for other inner methods."""
    inner = plan.spec.inner
    if not isinstance(inner, LearnedInner):
        return {}
    if isinstance(inner.weights, Learned):
        return {weight.name: meta[f"{inner.weights.name}/{weight.name}"] for weight in inner.tensors()}
    if isinstance(inner.weights, Load):
        found = stored(Path(inner.weights.load), "weights")
        return {weight.name: tf.constant(found[weight.name], dtype) for weight in inner.tensors()}
    key = stream(plan.spec.train.seed, "optimizer weights")
    places = {weight.name: place for place, weight in enumerate(inner.tensors())}
    return {
        weight.name: drawn(weight, fold(key, places[weight.drawn_with or weight.name]), dtype)
        for weight in inner.tensors()
    }


def drawn(weight: Weight, key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """One tensor of weights where it starts."""
    if isinstance(weight.start, float):
        return tf.fill(weight.shape, tf.cast(weight.start, dtype))
    if isinstance(weight.start, Distribution):
        return from_distribution(weight.start, weight.shape, key, dtype)
    return draw(weight.start, "kernel", weight.shape, weight.fan_in, 1, key, dtype)


def from_distribution(drawn: Distribution, shape: tuple[int, ...], key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return transform(uniform(key, shape, dtype), drawn)


def stored(folder: Path, field: str) -> dict[str, np.ndarray]:
    """What a finished run has learned for a field of its inner method, by the names behind the field's."""
    prefix = prefix_of(folder, field)
    found = load_file(folder / PARAMETERS)
    return {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}


def loaded(key: str, start: Load, dtype: tf.DType) -> tf.Tensor:
    """A meta-parameter's tensor of this key as it is in a finished run. Raises ValueError where there is none."""
    name = key.partition("/")[2]
    for field in FIELDS:
        found = stored(Path(start.load), field)
        if name in found:
            return tf.constant(found[name], dtype)
    raise ValueError(f"the run in {start.load} has no `{key}`")
