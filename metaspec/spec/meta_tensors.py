"""Which values of a spec are learned, and the tensors they are made of."""

from collections.abc import Iterator, Mapping
from math import log, prod
from typing import NamedTuple

from pydantic import BaseModel

from metaspec.spec.acting import parameters_of
from metaspec.spec.base import Frozen
from metaspec.spec.kind import Inner, Kind, Model, Task
from metaspec.spec.learned_kinds import weights_of
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.shapes import Parameter, Signature
from metaspec.spec.spec import Spec
from metaspec.spec.values import Distribution, Given, Initializer, Learned, Load, Parts, Scale


class MetaTensor(Frozen):
    """One tensor of a meta-parameter.

    `key` is the meta-parameter's name, and behind a slash the model parameter it belongs to, where it has one
    tensor for each. The tensor holds the value itself, or its logarithm where `scale` is log.
    """

    key: str
    meta_parameter: str
    shape: tuple[int, ...]
    start: float | Distribution | Initializer | Load | Given
    fan_in: int = 1
    fan_out: int = 1
    scale: Scale = "linear"
    min: float | None = None
    max: float | None = None
    drawn_with: str | None = None  # key of the tensor whose draw this one repeats
    task: str | None = None  # the block whose data gives the start, where they do

    @property
    def size(self) -> int:
        return prod(self.shape)


class Blocks(NamedTuple):
    """The blocks that hold learned values, of a spec that is still being checked."""

    tasks: Mapping[str, Task]
    models: Mapping[str, Model]
    inner: Inner


def learned_values(spec: Spec | Blocks) -> tuple[Learned, ...]:
    """Every meta-parameter once, in the order of the spec; a shared one where it stands first."""
    found: dict[str, Learned] = {}
    for value in _walk((*spec.tasks.values(), *spec.models.values(), spec.inner)):
        found.setdefault(value.name, value)
    return tuple(found.values())


def learned_parameters(model: Model, signature: Signature, inner: Inner) -> tuple[Parameter, ...]:
    """The model's parameters, without those of a last layer that the inner method replaces."""
    return tuple(each for each in parameters_of(model, signature) if not inner.replaces_head or each.layer != "head")


def _walk(value) -> Iterator[Learned]:
    if isinstance(value, Learned):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _walk(getattr(value, name))
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _walk(entry)
    elif isinstance(value, tuple | list):
        for entry in value:
            yield from _walk(entry)


def meta_tensors(
    spec: Spec | Blocks, parameters: tuple[Parameter, ...], steps: int, signature: Signature | None = None
) -> tuple[MetaTensor, ...]:
    """The tensors of every meta-parameter: of initial weights one for each parameter, of a number as `per` says.

    `signature` is that of the task, which the tensors of a learned kind follow from.
    """
    tensors = []
    for learned in learned_values(spec):
        if isinstance(learned.start, int | float):
            tensors += _numbers(learned, parameters, steps)
        elif isinstance(learned.start, Kind):
            assert signature is not None  # a learned kind belongs to a task with a model
            tensors += _of_kind(spec, learned, signature)
        elif isinstance(spec.inner, LearnedInner) and spec.inner.weights == learned:
            tensors += _weights(spec.inner, learned)
        else:
            tensors += [
                MetaTensor(
                    key=f"{learned.name}/{parameter.name}",
                    meta_parameter=learned.name,
                    shape=(*([steps] if "step" in learned.per else []), *parameter.shape),
                    start=learned.start,
                    fan_in=parameter.fan_in,
                    fan_out=parameter.fan_out,
                )
                for parameter in covered(spec, learned, parameters)
            ]
    return tuple(tensors)


def _weights(inner: LearnedInner, learned: Learned) -> list[MetaTensor]:
    """The weights of a learned optimizer, each with a start of its own where the spec says `random`."""
    return [
        MetaTensor(
            key=f"{learned.name}/{weight.name}",
            meta_parameter=learned.name,
            shape=weight.shape,
            start=weight.start if learned.start == "random" else learned.start,
            fan_in=weight.fan_in,
            drawn_with=weight.drawn_with and f"{learned.name}/{weight.drawn_with}",
        )
        for weight in inner.tensors()
    ]


def _of_kind(spec: Spec | Blocks, learned: Learned, signature: Signature) -> list[MetaTensor]:
    """One tensor for each weight of a learned kind, by the meta-parameter's name and the weight's."""
    return [
        MetaTensor(
            key=f"{learned.name}/{weight.name}",
            meta_parameter=learned.name,
            shape=weight.shape,
            start=weight.start,
            fan_in=weight.fan_in,
            fan_out=weight.fan_out,
            task=owner(spec, learned),
        )
        for weight in weights_of(spec.models, learned, signature)
    ]


def owner(spec: Spec | Blocks, learned: Learned) -> str | None:
    """The task block that a learned value stands in, where it stands in one."""
    fields = ((name, getattr(task, field)) for name, task in spec.tasks.items() for field in type(task).model_fields)
    return next((name for name, value in fields if value == learned), None)


# The meta-parameter that kept statistics of normalisations are.
STATISTICS = "statistics"


def statistics_tensors(statistics: tuple[Parameter, ...]) -> tuple[MetaTensor, ...]:
    """Kept statistics travel with the meta-parameters; what moves them is no gradient, but their distance to new ones."""
    return tuple(
        MetaTensor(
            key=f"{STATISTICS}/{each.name}",
            meta_parameter=STATISTICS,
            shape=each.shape,
            start="zeros" if each.role == "mean" else "ones",
        )
        for each in statistics
    )


def covered(spec: Spec | Blocks, learned: Learned, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """The parameters whose initial value this is: all, or those of its part of the table."""
    init = getattr(spec.inner, "init", None)
    if not isinstance(init, Parts):
        return parameters
    return tuple(parameter for parameter in parameters if init.of(parameter) == learned)


def _numbers(learned: Learned, parameters: tuple[Parameter, ...], steps: int) -> list[MetaTensor]:
    start = log(learned.start) if learned.scale == "log" else float(learned.start)
    common = {
        "meta_parameter": learned.name,
        "start": start,
        "scale": learned.scale,
        "min": learned.min,
        "max": learned.max,
    }
    ahead: tuple[int, ...] = (steps,) if "step" in learned.per else ()
    if "parameter" in learned.per:
        return [
            MetaTensor(key=f"{learned.name}/{parameter.name}", shape=(*ahead, *parameter.shape), **common)
            for parameter in parameters
        ]
    if "layer" in learned.per:
        ahead += (len({parameter.layer for parameter in parameters}),)
    elif "tensor" in learned.per:
        ahead += (len(parameters),)
    return [MetaTensor(key=learned.name, shape=ahead, **common)]
