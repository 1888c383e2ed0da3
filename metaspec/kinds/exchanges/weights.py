from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Exchange
from metaspec.spec.values import Frozen


class LossAverage(Frozen):
    """`loss_average { window = 5 }`: weights proportional to one over the mean of a copy's last losses."""

    loss_average: Count = 5


class Weights(Exchange):
    """Copies of the meta-model train on tasks of their own, then merge (Soulier 2020)."""

    references = ("soulier2020",)

    copies: Count = field(2, doc="copies of the meta-model")
    epochs: Count = field(1, doc="outer updates of a copy between two merges")
    combine: Literal["mean", "loss_weighted", "loss_median", "loss_average"] = field("mean", doc="weight generator of the merge")
    window: Count = field(5, doc="losses that `loss_average` looks back on")
    outer_state: Literal["keep", "merge", "reset"] = field("keep", doc="what becomes of a copy's outer state at a merge")
