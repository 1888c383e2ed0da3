"""The base of every block of the IR, and how a field is declared.

A field is declared once, on its block's class: name, type (with its range), default and one line of
documentation. Messages, `explain`, the reference pages and the JSON Schema are all read from that
declaration.
"""

from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, Field


class Unit(str):
    """Marks an annotated number as a quantity: `duration` (seconds) or `bytes`."""


class Named(str):
    """Marks an annotated text as a name without quotes: of a `task`, a `layer`, a `cluster`."""


class Frozen(BaseModel):
    """An immutable part of the IR; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
