from metaspec.spec.base import Count, NonNegative, Positive, field
from metaspec.spec.gradient import ParameterInner
from metaspec.spec.values import Learned, Parts


class Newton(ParameterInner):
    """Damped Newton steps with a line search: w <- w - t (H + damping)^-1 grad L(w).

    L is the inner loss. With `adapt = head` and a cross-entropy or squared loss L is convex and H its exact Hessian of
    size (features + 1) * ways, or of the equivalent system of size support * ways where that is smaller; it is solved
    by elimination for each task, O(size^3) a step. Otherwise the system is solved by conjugate gradients on
    Hessian-vector products, cut off where the curvature is negative (Steihaug 1983). t is halved from 1 until
    L(w + t d) <= L(w) + 1e-4 t grad L(w) . d (Armijo 1966). The rest of the model runs once for each task.

    The inner solver of Convex iMAML (Khullar and Srivastava, section 3.4, leave the solver open). Quadratic
    convergence near the solution: some five steps reach 1e-6.
    """

    references = ("nocedal2006", "khullar2020")

    steps: Count = field(20, doc="Newton steps at the most")
    tolerance: Positive = field(1e-6, doc="norm of the inner loss's gradient at which a task's steps end")
    damping: NonNegative = field(0.0, doc="added to the diagonal of the Hessian")
    iterations: Count = field(20, doc="conjugate-gradient iterations of a step, where more than the head is adapted")

    @property
    def regularised(self) -> bool:
        """Whether something is certainly added to every entry of the Hessian's diagonal."""
        return any(_positive(value) for value in (self.damping, self.l2, self.proximal))


def _positive(value: float | Learned | Parts) -> bool:
    if isinstance(value, Parts):
        return all(_positive(entry) for entry in value.parts.values())
    if isinstance(value, Learned):
        return value.scale == "log" or (value.min is not None and value.min > 0)
    return value > 0
