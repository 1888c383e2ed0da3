from metaspec.spec.base import Count, field
from metaspec.spec.kind import Grouping


class Balanced(Grouping):
    """Cluster groups of equal predicted length (Pimpalkhute et al. 2021, figure 4)."""

    references = ("pimpalkhute2021",)

    count: Count = field(2, doc="cluster groups")
