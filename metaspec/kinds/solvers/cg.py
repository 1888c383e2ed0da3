from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.kind import Solver


class Cg(Solver):
    """Conjugate gradients."""

    iterations: Count = field(10, doc="iterations at the most")
    damping: NonNegative = field(0.0, doc="added to the diagonal")
