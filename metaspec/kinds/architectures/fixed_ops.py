from typing import Annotated, ClassVar

from annotated_types import MinLen

from metaspec.spec.base import field
from metaspec.spec.kind import Architecture
from metaspec.spec.operations import Operation


class FixedOps(Architecture):
    """One operation at each place, chosen by hand or derived from a search. Only their parameters are there."""

    executed_by: ClassVar[str] = ""  # the model is built of them

    ops: Annotated[tuple[Operation, ...], MinLen(1)] = field(doc="the operation at each place, in order")

    def at(self, place: int) -> tuple[Operation, ...]:
        """The operations at one place: its own, none behind the last."""
        return self.ops[place : place + 1]
