"""Which values of a spec are learned, and the tensors they are made of."""

from collections.abc import Iterator
from math import log

from pydantic import BaseModel

from metaspec.plan.learned_kinds import kind_tensors
from metaspec.plan.model import MetaTensor
from metaspec.spec.kind import Kind
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.shapes import Parameter, Signature
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned, Parts


def learned_values(spec: Spec) -> tuple[Learned, ...]:
    """Every meta-parameter once, in the order of the spec; a shared one where it stands first."""
    found: dict[str, Learned] = {}
    for value in _walk(spec):
        found.setdefault(value.name, value)
    return tuple(found.values())


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
    spec: Spec, parameters: tuple[Parameter, ...], steps: int, signature: Signature | None = None
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
            tensors += kind_tensors(spec, learned, signature)
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


def covered(spec: Spec, learned: Learned, parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
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
