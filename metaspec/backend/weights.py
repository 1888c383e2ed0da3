"""The weights of a learned optimizer: meta-parameters, constants from a finished run, or drawn once for the run."""

from pathlib import Path

import tensorflow as tf

from metaspec.backend.initial import draw
from metaspec.backend.keys import fold, stream, transform, uniform
from metaspec.backend.records import Tree
from metaspec.plan.model import Plan
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
        found = stored(Path(inner.weights.load))
        return {weight.name: tf.constant(found[f"inner.weights/{weight.name}"], dtype) for weight in inner.tensors()}
    key = stream(plan.spec.train.seed, "optimizer weights")
    return {weight.name: drawn(weight, fold(key, place), dtype) for place, weight in enumerate(inner.tensors())}


def drawn(weight: Weight, key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """One tensor of weights where it starts."""
    if isinstance(weight.start, float):
        return tf.fill(weight.shape, tf.cast(weight.start, dtype))
    if isinstance(weight.start, Distribution):
        return from_distribution(weight.start, weight.shape, key, dtype)
    return draw(weight.start, "kernel", weight.shape, weight.fan_in, 1, key, dtype)


def from_distribution(drawn: Distribution, shape: tuple[int, ...], key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    return transform(uniform(key, shape, dtype), drawn)


def stored(folder: Path) -> dict:
    """The meta-parameters that a finished run kept, by their keys."""
    from safetensors.tensorflow import load_file  # only a run that loads weights needs it

    return {key.removeprefix("meta/"): value for key, value in load_file(folder / "parameters.safetensors").items()}
