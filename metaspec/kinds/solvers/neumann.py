from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import Solver


class Neumann(Solver):
    """The Neumann series of the inverse, cut after some terms: scale * sum over k of (1 - scale H)^k g.

    With `scale` the inner step size, T terms are what back-propagation through the last T gradient steps at the
    solution gives (Lorraine et al. 2019, theorem 1). It converges where scale * H has its eigenvalues between 0 and 2.
    """

    references = ("lorraine2019",)

    terms: Count = field(20, doc="terms of the series")
    scale: Positive | None = field(None, doc="step of the series; the inner step size where absent")
