"""Calls -> the IR: distributions, schedules of a value, weights of an objective, a value from a finished run."""

from __future__ import annotations

from typing import Any

from metaspec.diagnostics import error
from metaspec.kinds.phrases import phrase
from metaspec.resolve.bind import constant
from metaspec.resolve.draft import Leaf
from metaspec.resolve.reading import INVALID, Place, Reading, describe_value, wrong_type
from metaspec.resolve.unknown import unknown_word
from metaspec.spec.declared import (
    DecayType,
    DistributionType,
    FieldType,
    LearnedType,
    LoadType,
    MultiStepType,
    WeightedType,
)
from metaspec.spec.values import Decay, Distribution, Load, MultiStep, Weighted
from metaspec.syntax import tree
from metaspec.units import PERCENT, in_base

# name of a call -> the type it makes, and its arguments in words
CALLS: dict[str, tuple[type, tuple[str, ...]]] = {
    "uniform": (DistributionType, ("low", "high")),
    "loguniform": (DistributionType, ("low", "high")),
    "normal": (DistributionType, ("mean", "deviation")),
    "cosine": (DecayType, ("first", "last")),
    "step": (DecayType, ("first", "factor", "every")),
    "warmup": (DecayType, ("iterations", "then")),
    "weighted": (WeightedType, ("[w1, w2, ...]",)),
    "multi_step": (MultiStepType, ("share",)),
    "load": (LoadType, ('"runs/NAME"',)),
}


def decode_call(leaf: Leaf, call: tree.Call, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    """The value of a call, or INVALID, which has been reported."""
    name = call.name.text
    known = CALLS.get(name)
    if name == "learned":
        reading.found.append(error("E0305", f"`{place.name}` cannot hold a learned value", leaf.span))
        return INVALID
    if known is None:
        legal = _legal(types)
        reading.found.append(
            unknown_word(
                "E0204", f"`{place.name}` takes {phrase(types)}; there is no `{name}(...)`", name, legal, call.name.span
            )
        )
        return INVALID
    group, words = known
    if not any(isinstance(each, group) for each in types):
        reading.found.append(wrong_type(leaf, types, place))
        return INVALID
    if call.named or len(call.args) != len(words):
        reading.found.append(
            error(
                "E0301",
                call_form(name),
                leaf.span,
                label=f"{len(call.args) + len(call.named)} given" if not call.named else "its values have no names",
            )
        )
        return INVALID
    if group is DistributionType:
        return _distribution(name, call, reading)
    if group is DecayType:
        return _decay(call, place, reading)
    if group is WeightedType:
        return _weighted(call, reading)
    if group is MultiStepType:
        return _multi_step(call, reading)
    return _load(call, reading)


def call_form(name: str) -> str:
    """How a call is written."""
    return f"write `{name}({', '.join(CALLS[name][1])})`"


def _legal(types: tuple[FieldType, ...]) -> list[str]:
    words = [name for name, (group, _) in CALLS.items() if any(isinstance(each, group) for each in types)]
    return words + (["learned"] if any(isinstance(each, LearnedType) for each in types) else [])


def _numbers(call: tree.Call, values: tuple[tree.Value, ...], reading: Reading) -> list[float] | None:
    numbers = []
    for value in values:
        amount = constant(value)
        if amount is None:
            message = f"`{call.name.text}` takes numbers; this is {describe_value(value)}"
            reading.found.append(error("E0301", message, value.span or call.span))
            return None
        numbers.append(float(amount))
    return numbers


def _distribution(name: str, call: tree.Call, reading: Reading) -> Distribution | Any:
    numbers = _numbers(call, call.args, reading)
    if numbers is None:
        return INVALID
    first, second = numbers
    problem = None
    if name == "normal" and second < 0:
        problem = "the standard deviation of `normal` is 0 or more"
    elif name != "normal" and second < first:
        problem = f"the low end of `{name}` stands first"
    elif name == "loguniform" and first <= 0:
        problem = "both ends of `loguniform` are above 0"
    if problem:
        reading.found.append(error("E0302", problem, call.span))
        return INVALID
    return Distribution(distribution=name, arguments=(first, second))


def _decay(call: tree.Call, place: Place, reading: Reading) -> Decay | Any:
    """A schedule; `warmup(n, then)` may hold another one."""
    name = call.name.text
    arguments: list[float | Decay] = []
    for index, value in enumerate(call.args):
        if name == "warmup" and index == 1 and isinstance(value, tree.Call):
            then = decode_call(Leaf(value, ()), value, (DecayType(),), place, reading)
            if then is INVALID:
                return INVALID
            arguments.append(then)
            continue
        numbers = _numbers(call, (value,), reading)
        if numbers is None:
            return INVALID
        if numbers[0] < 0:
            reading.found.append(error("E0302", f"the values of `{name}` are 0 or more", value.span or call.span))
            return INVALID
        arguments.append(numbers[0])
    counts = {"step": (2,), "warmup": (0,)}.get(name, ())
    for index in counts:
        count = arguments[index]
        if isinstance(count, float) and (count < 1 or count != int(count)):
            message = f"`{CALLS[name][1][index]}` of `{name}` is a whole number of 1 or more"
            reading.found.append(error("E0302", message, call.args[index].span or call.span))
            return INVALID
    return Decay(schedule=name, arguments=tuple(arguments))


def _weighted(call: tree.Call, reading: Reading) -> Weighted | Any:
    (value,) = call.args
    if not isinstance(value, tree.ListValue) or not value.items:
        reading.found.append(
            error("E0301", "`weighted` takes a list of numbers, one for each inner step", value.span or call.span)
        )
        return INVALID
    numbers = _numbers(call, value.items, reading)
    if numbers is None:
        return INVALID
    if min(numbers) < 0 or sum(numbers) == 0:
        reading.found.append(error("E0302", "the weights are 0 or more, and not all of them 0", call.span))
        return INVALID
    return Weighted(weights=tuple(numbers))


def _multi_step(call: tree.Call, reading: Reading) -> MultiStep | Any:
    (value,) = call.args
    share = constant(value)
    if isinstance(value, tree.Number) and value.unit == "%":
        share = in_base(value.value, PERCENT)
    if share is None or not 0 <= share <= 1:
        message = "`multi_step` takes a share of the meta-iterations, from 0 to 1, such as 10%"
        reading.found.append(error("E0302", message, value.span or call.span))
        return INVALID
    return MultiStep(share=share)


def _load(call: tree.Call, reading: Reading) -> Load | Any:
    (value,) = call.args
    if not isinstance(value, tree.String):
        reading.found.append(error("E0301", "`load` takes the folder of a run, in quotes", value.span or call.span))
        return INVALID
    return Load(load=value.value)
