from metaspec.spec.base import NonNegative, field
from metaspec.spec.kind import Solver


class Exact(Solver):
    """The whole Hessian, and elimination: as many Hessian-vector products as adapted parameters, then n^3 / 2 steps.

    For the adaptation of small models and heads, and as the oracle of the other solvers.
    """

    damping: NonNegative = field(0.0, doc="added to the diagonal")
