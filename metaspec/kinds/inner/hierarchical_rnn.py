from typing import Annotated, Literal

from annotated_types import Len
from metaspec.spec.base import Count, field
from metaspec.spec.kind import Inner
from metaspec.spec.values import Initializer, Learnable, Load


class HierarchicalRnn(Inner):
    """The learned optimizer of Wichrowska et al. 2017: recurrent cells per parameter, per tensor and per task."""

    references = ("wichrowska2017",)

    weights: Learnable[Initializer | Load] = field("random", doc="weights of the optimizer itself")
    cell: Literal["gru", "lstm"] = field("gru", doc="recurrent cell of all three levels")
    sizes: Annotated[tuple[Count, ...], Len(3, 3)] = field((10, 20, 20), doc="state sizes: parameter, tensor, task level")
    steps: Count = field(200, doc="inner steps")
    data_batches: Count = field(1, doc="batches whose gradients are averaged in one inner step")
