from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import Metagrad


class Pes(Metagrad):
    """Persistent evolution strategies: unbiased from truncated windows (Vicol et al. 2021)."""

    references = ("vicol2021",)

    window: Count = field(doc="inner steps of one window")
    particles: Count = field(64, doc="perturbations of one estimate")
    sigma: Positive = field(0.01, doc="standard deviation of the perturbations")
