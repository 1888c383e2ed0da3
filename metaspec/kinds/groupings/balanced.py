from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Grouping


class Balanced(Grouping):
    """Cluster groups of equal predicted length (Pimpalkhute et al. 2021, figure 4).

    Packed exactly for up to twelve clusters, and beyond by the better of LPT and MULTIFIT; first from declared
    costs, then from measured times. A worker takes the shards of its own group first, and those of others when it
    has none left. Groups only place shards on workers: no grouping changes a bit of the result.
    """

    references = ("pimpalkhute2021",)

    count: Count = field(2, doc="cluster groups")
    refresh: Size = field(10, doc="meta-iterations between two packings from measured times; 0 for never")
