"""The base of every block of the IR, and how a field is declared.

A field is declared once, on its block's class: name, type (with its range), default and one line of
documentation. Messages, `explain`, the reference pages and the JSON Schema are all read from that
declaration.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metaspec.spec.given import plain
from metaspec.spec.refusal import refused

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as _Metaclass
else:
    _Metaclass = type(BaseModel)


class Unit(str):
    """Marks an annotated number as a quantity: `duration` (seconds) or `bytes`."""


class Named(str):
    """Marks an annotated text as a name without quotes: of a `task`, a `layer`, a `cluster`."""


class Judged(_Metaclass):
    """Makes the call of a block's class raise SpecError, and take the values of `positional` without their names.

    Only what a program writes goes through here. Reading JSON does not: there an error of a member of a union is no
    error of the whole, and pydantic has to see it.
    """

    def __call__(cls, *values: Any, **fields: Any) -> Any:
        names: tuple[str, ...] = cls.positional
        if len(values) > len(names):
            raise TypeError(f"{cls.__name__} takes {len(names)} values without a name, and has {len(values)}")
        given = dict(zip(names, values, strict=False))
        if twice := given.keys() & fields.keys():
            raise TypeError(f"{cls.__name__} has two values for {', '.join(twice)}")
        try:
            return super().__call__(**plain(given | fields))
        except ValidationError as failure:
            raise refused(cast("type[BaseModel]", cls), failure) from failure


class Frozen(BaseModel, metaclass=Judged):
    """An immutable part of the IR; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    positional: ClassVar[tuple[str, ...]] = ()  # fields that need no name when the class is called


def field(default: Any = ..., *, doc: str, since: str | None = None) -> Any:
    """Declares a field of a block. `doc` is one line, `since` names what the field awaits, if anything."""
    return Field(default, description=doc, json_schema_extra={"since": since} if since else None)


# Numbers with their ranges: the message of a value out of range is made from these.
Positive = Annotated[float, Gt(0)]
NonNegative = Annotated[float, Ge(0)]
Fraction = Annotated[float, Ge(0), Lt(1)]
Share = Annotated[float, Ge(0), Le(1)]
Count = Annotated[int, Ge(1)]
Size = Annotated[int, Ge(0)]
Seconds = Annotated[float, Gt(0), Unit("duration")]
Bytes = Annotated[int, Gt(0), Unit("bytes")]

# Names of what the spec itself declares.
TaskName = Annotated[str, Named("task")]
LayerName = Annotated[str, Named("layer")]
ClusterName = Annotated[str, Named("cluster")]
