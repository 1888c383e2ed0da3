"""How one task is learned: the inner part of a plan, ready to be differentiated or evaluated."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.initial import draw
from metaspec.backend.keys import fold
from metaspec.backend.losses import learner as with_loss
from metaspec.backend.records import Batch, InnerMethod, Learner, State, Tree
from metaspec.backend.settings import Settings, belongs, part_of, setting
from metaspec.plan.model import Plan
from metaspec.spec.kind import Kind
from metaspec.spec.shapes import Parameter
from metaspec.spec.values import Learned


class Learning(NamedTuple):
    """`start(meta, support, key, first) -> (settings, state)`, and the method's step for an order of differentiation."""

    learner: Learner
    adapted: tuple[str, ...]
    method: Callable[[int], InnerMethod]
    settings: Callable[[Tree], Settings]
    initial: Callable[[Tree, tf.Tensor, int], Tree]
    steps: int
    classifies: bool


def executor(kind: Kind) -> Any:
    """The module that executes a kind."""
    return import_module(kind.executed_by.format(name=kind.name))


def learning(plan: Plan, loss: str, dtype: tf.DType) -> Learning:
    """The learner, inner method and initial parameters of a plan. The spec has passed its checks."""
    spec = plan.spec
    model = next(iter(spec.models.values()))
    learner = with_loss(executor(model).build(model, plan.execution.compiled), loss)
    adapted = tuple(p.name for p in plan.parameters if adapts(spec.inner.adapt, p))

    def method(order: int) -> InnerMethod:
        return executor(spec.inner).method(spec.inner, support_gradient(learner, adapted, order), adapted)

    def settings(meta: Tree) -> Settings:
        fields = {name: getattr(spec.inner, name) for name in type(spec.inner).model_fields if name in SETTINGS}
        return Settings({name: setting(value, meta, plan.parameters, dtype) for name, value in fields.items()})

    def initial(meta: Tree, key: tf.Tensor, count: int) -> Tree:
        """Parameters at the first inner step, each (count, *shape): the learned ones shared, the others fresh."""
        return {
            parameter.name: start(part_of(spec.inner.init, parameter), parameter, fold(key, position), meta, count, dtype)
            for position, parameter in enumerate(plan.parameters)
        }

    return Learning(learner, adapted, method, settings, initial, plan.steps, loss == "cross_entropy")


SETTINGS = frozenset({"lr", "l2", "decay", "proximal"})


def adapts(adapt: str | tuple[str, ...], parameter: Parameter) -> bool:
    """Whether inner steps change a parameter."""
    if adapt == "all":
        return True
    if adapt == "head":
        return parameter.layer == "head"
    return any(belongs(parameter, part) for part in adapt)


def start(value, parameter: Parameter, key: tf.Tensor, meta: Tree, count: int, dtype: tf.DType) -> tf.Tensor:
    """One parameter's initial value for each task."""
    shape = (count, *parameter.shape)
    if isinstance(value, Learned):
        return tf.broadcast_to(meta[f"{value.name}/{parameter.name}"][tf.newaxis], shape)
    return draw(value, parameter.role, shape, parameter.fan_in, parameter.fan_out, key, dtype)


def support_gradient(learner: Learner, adapted: tuple[str, ...], order: int) -> Callable[[Tree, Batch], Tree]:
    """The gradient of each task's support loss; with `order` 1 a constant to whoever differentiates again."""

    def gradient(params: Tree, support: Batch) -> Tree:
        own = {name: params[name] for name in adapted}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(own)
            # Tasks do not touch each other, so the gradient of the sum holds each task's own.
            total = tf.reduce_sum(learner.loss({**params, **own}, support))
        slopes = tape.gradient(total, own, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: tf.stop_gradient(slope) for name, slope in slopes.items()} if order == 1 else slopes

    return gradient


def adapted_states(method: InnerMethod, settings: Settings, state: State, support: Batch, steps: int):
    """The states after 0, 1, ... `steps` inner steps, one after the other."""
    yield state
    for number in range(steps):
        state = method.step(settings, state, support, number)
        yield state
