from metaspec.spec.base import Count, field
from metaspec.spec.kind import Merge


class LossAverage(Merge):
    """Weights proportional to one over the mean of a copy's last losses."""

    references = ("soulier2020",)

    window: Count = field(5, doc="losses of each copy that the mean is taken over")
