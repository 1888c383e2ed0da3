from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import Solver


class Neumann(Solver):
    """The Neumann series of the inverse, cut after some terms (Lorraine et al. 2019)."""

    references = ("lorraine2019",)

    terms: Count = field(20, doc="terms of the series")
    scale: Positive | None = field(None, doc="step of the series; the inner step size where absent")
