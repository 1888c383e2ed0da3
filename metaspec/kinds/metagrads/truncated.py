from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Metagrad


class Truncated(Metagrad):
    """Back-propagation through windows of the inner loop, cut from each other."""

    window: Count = field(doc="inner steps of one window")
    order: Literal[1, 2] = field(2, doc="2 differentiates the inner gradients, 1 holds them constant")
    carry: bool = field(True, doc="whether the trajectory goes on in the next meta-iteration")
