from metaspec.spec.base import Count, Fraction, NonNegative, field
from metaspec.spec.kind import Solver


class Cg(Solver):
    """Conjugate gradients: one Hessian-vector product an iteration, four vectors of memory.

    Exact after as many iterations as H has different eigenvalues. iMAML takes 5 (Rajeswaran et al. 2019, appendix);
    its code adds `damping` = 1 to H besides `proximal`.
    """

    references = ("rajeswaran2019",)

    iterations: Count = field(10, doc="iterations at the most")
    damping: NonNegative = field(0.0, doc="added to the diagonal")
    tolerance: Fraction = field(0.0, doc="share of the right-hand side's norm at which a task's iterations end")
