"""The types of fields as the language sees them, read from their declarations.

Decoding, messages, `explain`, the reference pages and the JSON Schema all work from these, so that a field is
described in one place only: its declaration.
"""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

from metaspec.spec.base import Frozen, Named, Unit
from metaspec.spec.kind import Kind
from metaspec.spec.values import Decay, Distribution, Learned, Load, MultiStep, Parts, Weighted


@dataclass(frozen=True, slots=True)
class NumberType:
    """A number between two bounds, where there are any; `unit` is `duration`, `bytes` or None."""

    whole: bool
    low: float | None = None
    high: float | None = None
    low_included: bool = True
    high_included: bool = True
    unit: str | None = None

    def holds(self, value: float) -> bool:
        """Whether the number is within the bounds."""
        above = self.low is None or value > self.low or (self.low_included and value == self.low)
        below = self.high is None or value < self.high or (self.high_included and value == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class FlagType:
    """`true` or `false`"""


@dataclass(frozen=True, slots=True)
class TextType:
    """A text in quotes."""


@dataclass(frozen=True, slots=True)
class NameType:
    """The name of something that the spec declares: a task, a layer, a baseline."""

    what: str


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of a few words or whole numbers."""

    options: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """A list, or a range of whole numbers."""

    item: tuple[FieldType, ...]
    shortest: int = 0
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class KindType:
    """A kind of a category, with its fields."""

    category: str


@dataclass(frozen=True, slots=True)
class LearnedType:
    """`learned(start, ...)`; `record` is what it becomes in the IR."""

    start: tuple[FieldType, ...]
    record: type[Learned]


@dataclass(frozen=True, slots=True)
class PartsType:
    """`{ head = .., rest = .. }`"""

    item: tuple[FieldType, ...]
    record: type[Parts]


@dataclass(frozen=True, slots=True)
class DistributionType:
    """`uniform(low, high)` and the like."""


@dataclass(frozen=True, slots=True)
class DecayType:
    """`cosine(first, last)` and the like."""


@dataclass(frozen=True, slots=True)
class WeightedType:
    """`weighted([w1, w2, ...])`"""


@dataclass(frozen=True, slots=True)
class MultiStepType:
    """`multi_step(share)`"""


@dataclass(frozen=True, slots=True)
class LoadType:
    """`load("runs/x")`"""


@dataclass(frozen=True, slots=True)
class NothingType:
    """`none`"""


FieldType = (
    NumberType
    | FlagType
    | TextType
    | NameType
    | ChoiceType
    | ListType
    | KindType
    | LearnedType
    | PartsType
    | DistributionType
    | DecayType
    | WeightedType
    | MultiStepType
    | LoadType
    | NothingType
)

_RECORDS: dict[type, FieldType] = {
    Distribution: DistributionType(),
    Decay: DecayType(),
    Weighted: WeightedType(),
    MultiStep: MultiStepType(),
    Load: LoadType(),
    bool: FlagType(),
    types.NoneType: NothingType(),
}


@cache
def fields_of(block: type[Frozen]) -> dict[str, tuple[FieldType, ...]]:
    """The type of each field of a block, as alternatives."""
    return {name: field_types(info) for name, info in block.model_fields.items()}


def field_types(info: FieldInfo) -> tuple[FieldType, ...]:
    """The alternatives that a declared field takes. Raises TypeError for an annotation outside the language."""
    return _types(info.annotation, tuple(info.metadata))


def _types(annotation: Any, marks: tuple[Any, ...] = ()) -> tuple[FieldType, ...]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *own = get_args(annotation)
        return _types(inner, (*own, *marks))
    if origin in (Union, types.UnionType):
        return tuple(dict.fromkeys(each for part in get_args(annotation) for each in _types(part, marks)))
    if origin is Literal:
        return (ChoiceType(get_args(annotation)),)
    if origin is tuple:
        return (_list_type(annotation, marks),)
    if isinstance(annotation, type):
        return (_class_type(annotation, marks),)
    raise TypeError(f"a field cannot be declared with {annotation!r}")


def _class_type(annotation: type, marks: tuple[Any, ...]) -> FieldType:
    if annotation in _RECORDS:
        return _RECORDS[annotation]
    if annotation in (int, float):
        return _number_type(annotation is int, marks)
    if annotation is str:
        named = next((mark for mark in marks if isinstance(mark, Named)), None)
        return NameType(str(named)) if named else TextType()
    if issubclass(annotation, Kind):
        return KindType(annotation.category)
    if issubclass(annotation, Learned):
        return LearnedType(field_types(annotation.model_fields["start"]), annotation)
    if issubclass(annotation, Parts):
        _, entry = get_args(annotation.model_fields["parts"].annotation)
        return PartsType(_types(entry), annotation)
    raise TypeError(f"a field cannot be declared with {annotation!r}")


def _number_type(whole: bool, marks: tuple[Any, ...]) -> NumberType:
    bounds: dict[str, Any] = {}
    for mark in marks:
        match mark:
            case Ge(ge=low):
                bounds |= {"low": low, "low_included": True}
            case Gt(gt=low):
                bounds |= {"low": low, "low_included": False}
            case Le(le=high):
                bounds |= {"high": high, "high_included": True}
            case Lt(lt=high):
                bounds |= {"high": high, "high_included": False}
            case Unit():
                bounds["unit"] = str(mark)
    return NumberType(whole, **bounds)


def _list_type(annotation: Any, marks: tuple[Any, ...]) -> ListType:
    shortest, longest = 0, None
    for mark in marks:
        match mark:
            case Len(min_length=low, max_length=high):
                shortest, longest = low, high
            case MinLen(min_length=low):
                shortest = low
            case MaxLen(max_length=high):
                longest = high
    return ListType(_types(get_args(annotation)[0]), shortest, longest)


def settings_of(kind: type[Kind]) -> tuple[str, ...]:
    """The fields declared as `Setting[..]`: those with a value at each parameter of a model."""
    return tuple(
        name
        for name, declared in kind.model_fields.items()
        if any(isinstance(part, type) and issubclass(part, Parts) for part in get_args(declared.annotation))
    )
