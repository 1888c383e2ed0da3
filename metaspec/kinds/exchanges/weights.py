from typing import Literal

from pydantic import SerializeAsAny

from metaspec.kinds.merges.mean import Mean
from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Exchange, Merge


class Weights(Exchange):
    """Copies of the meta-model train on tasks of their own, then merge (Soulier 2020)."""

    references = ("soulier2020",)

    copies: Count = field(2, doc="copies of the meta-model")
    epochs: Count = field(
        1, doc="outer updates of a copy between two merges, which is one meta-iteration of every schedule"
    )
    combine: SerializeAsAny[Merge] = field(Mean(), doc="weight generator of the merge")
    outer_state: Literal["keep", "merge", "reset"] = field("keep", doc="a copy's outer state at a merge")
    staleness: Size | None = field(
        None,
        doc="meta-iterations that a copy may be ahead of the slowest one, merging with the others' last weights; "
        "absent, all merge together. With 1 or more the result depends on who was faster",
    )

    @property
    def updates(self) -> int:
        return self.copies * self.epochs
