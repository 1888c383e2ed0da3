"""The outer update: one implementation, whether a worker runs it alone or inside a stretch of meta-iterations."""

from collections.abc import Callable, Iterable
from math import inf, log
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.executors import executor
from metaspec.backend.records import Metrics, OuterMethod, Tree
from metaspec.kinds.outers.sgd import Sgd
from metaspec.plan.model import MetaTensor, Plan
from metaspec.spec.gradient import GradientOuter
from metaspec.spec.meta_tensors import STATISTICS, learned_values
from metaspec.spec.values import Decay

Slots = dict[str, Tree]  # name of the slot -> array for each meta-parameter


class Group(NamedTuple):
    """Meta-parameters that one outer method updates."""

    config: GradientOuter
    method: OuterMethod
    tensors: tuple[MetaTensor, ...]


class Update(NamedTuple):
    """`slots(meta)` at the start; `apply(meta, slots, total, iteration, age) -> (meta, slots, metrics)`.

    `age` is the number of updates that the slots have seen, where it is not `iteration`: schedules follow the
    meta-iteration, corrections for the start of a moving average the slots.
    `total` is the meta-gradient summed over all tasks of a meta-iteration. `population(meta)` is what travels with the
    meta-parameters besides, at the start: candidates, for methods that take scores.
    """

    slots: Callable[[Tree], Slots]
    apply: Callable[..., tuple[Tree, Slots, Metrics]]
    population: Callable[[Tree], Tree] = lambda meta: {}


def build(plan: Plan, dtype: tf.DType) -> Update:
    groups = grouped(plan)
    share = 1.0 / plan.tasks_per_update
    scale = share if plan.spec.train.reduce == "mean" else 1.0
    statistics = {tensor.key for tensor in plan.meta if tensor.meta_parameter == STATISTICS}

    def slots(meta: Tree) -> Slots:
        started: Slots = {}
        for group in groups:
            if group.method.begin is not None:
                begun = group.method.begin({tensor.key: meta[tensor.key] for tensor in group.tensors})
                started.setdefault(MEMORY, {}).update(numbered(group, begun))
            for name, value in group.method.slots.items():
                own = {
                    tensor.key: tf.fill(tf.shape(meta[tensor.key]), tf.constant(value, dtype))
                    for tensor in group.tensors
                }
                started.setdefault(name, {}).update(own)
        return started

    def apply(
        meta: Tree, slots: Slots, total: Tree, iteration: tf.Tensor, age: tf.Tensor | None = None
    ) -> tuple[Tree, Slots, Metrics]:
        age = iteration if age is None else age
        scales = {key: share if key in statistics else scale for key in total}
        gradient = {key: value * tf.constant(scales[key], dtype) for key, value in total.items()}
        slopes = [value for key, value in gradient.items() if key not in statistics]
        norm = length(slopes)
        updated, kept = {}, {name: {} for name in slots}
        for group in groups:
            keys = [tensor.key for tensor in group.tensors]
            lr = scheduled(group.config.lr, iteration, plan.spec.train.iterations, dtype)
            clipped = clip({key: gradient[key] for key in keys}, group.config)
            own = held(group, slots)
            moved, own = group.method.update({key: meta[key] for key in keys}, own, clipped, lr, age)
            updated |= {tensor.key: within(moved[tensor.key], tensor) for tensor in group.tensors}
            for name, tree in ({MEMORY: numbered(group, own)} if isinstance(own, list) else own).items():
                kept[name] |= tree
        return {key: updated[key] for key in meta}, kept, {"gradient_norm": norm}

    return Update(slots, apply)


MEMORY = "memory"  # the slot of methods that keep arrays of other shapes


def numbered(group: Group, arrays: list[tf.Tensor]) -> Tree:
    """Arrays by number, behind the first meta-parameter of the group."""
    return {f"{group.tensors[0].key}/{place}": array for place, array in enumerate(arrays)}


def held(group: Group, slots: Slots) -> dict[str, Tree] | list[tf.Tensor]:
    """What a group's method keeps, as its `update` takes it."""
    if group.method.begin is None:
        keys = [tensor.key for tensor in group.tensors]
        return {name: {key: slots[name][key] for key in keys} for name in group.method.slots}
    prefix = f"{group.tensors[0].key}/"
    own = {key.removeprefix(prefix): array for key, array in slots[MEMORY].items() if key.startswith(prefix)}
    return [own[number] for number in sorted((key for key in own if key.isdigit()), key=int)]


def grouped(plan: Plan) -> tuple[Group, ...]:
    """The `outer` block's group, and one for each learned value that has an outer method of its own."""
    own = {value.name: value.outer for value in learned_values(plan.spec) if value.outer is not None}
    if any(tensor.meta_parameter == STATISTICS for tensor in plan.meta):
        # See `backend.statistics`: a step of 1 - momentum towards the newest statistics makes a moving average.
        own[STATISTICS] = Sgd(lr=1.0 - next(iter(plan.spec.models.values())).momentum)
    configs = {None: plan.spec.outer, **own}
    groups = []
    for name, config in configs.items():
        tensors = tuple(t for t in plan.meta if (t.meta_parameter == name if name else t.meta_parameter not in own))
        if tensors:
            groups.append(Group(config, executor(config).method(config), tensors))
    return tuple(groups)


def clip(gradient: Tree, config: GradientOuter) -> Tree:
    """Each entry first, then the norm over the group."""
    if config.clip is not None:
        gradient = {key: tf.clip_by_value(value, -config.clip, config.clip) for key, value in gradient.items()}
    if config.clip_norm is not None:
        norm = length(gradient.values())
        factor = config.clip_norm / tf.maximum(norm, config.clip_norm)
        gradient = {key: value * factor for key, value in gradient.items()}
    return gradient


def length(values: Iterable[tf.Tensor]) -> tf.Tensor:
    """The Euclidean norm over all tensors. Squared in double precision: that of 1e20 is no number in single, and a norm
    of infinity would clip a gradient to nothing.
    """
    values = list(values)
    squares = [tf.reduce_sum(tf.square(tf.cast(value, tf.float64))) for value in values]
    return tf.cast(tf.sqrt(tf.add_n(squares)), values[0].dtype)


def within(value: tf.Tensor, tensor: MetaTensor) -> tf.Tensor:
    """The tensor moved back into the range of its meta-parameter; of the logarithm where the scale is log."""
    low, high = (
        bound if bound is None or tensor.scale == "linear" else (log(bound) if bound > 0 else -inf)
        for bound in (tensor.min, tensor.max)
    )
    if low is not None:
        value = tf.maximum(value, tf.constant(low, value.dtype))
    if high is not None:
        value = tf.minimum(value, tf.constant(high, value.dtype))
    return value


def scheduled(value: float | Decay, iteration: tf.Tensor, iterations: int, dtype: tf.DType) -> tf.Tensor:
    """A schedule's value at a meta-iteration, counted from 0 (see `metaspec.spec.values.Decay`)."""
    if not isinstance(value, Decay):
        return tf.constant(value, dtype)
    at = tf.cast(iteration, dtype)
    if value.schedule == "cosine":
        first, last = value.arguments
        passed = tf.minimum(at / max(iterations - 1, 1), 1.0)  # beyond its end it would come back
        return last + (first - last) * 0.5 * (1.0 + tf.cos(tf.constant(3.141592653589793, dtype) * passed))
    if value.schedule == "step":
        first, factor, every = value.arguments
        return first * tf.pow(tf.constant(factor, dtype), tf.floor(at / every))
    rise, then = value.arguments
    return scheduled(then, iteration, iterations, dtype) * tf.minimum((at + 1.0) / rise, 1.0)
