from metaspec.spec.base import Count, Positive, field
from metaspec.spec.gradient import ParameterInner


class Lbfgs(ParameterInner):
    """Limited-memory BFGS with a line search (Nocedal 1980): w <- w - t B grad L(w).

    L is the inner loss, B the inverse Hessian that the last `history` pairs of moves and changes of the gradient
    stand for, applied by the two-loop recursion in O(history * parameters). t is halved from 1 until
    L(w + t d) <= L(w) + 1e-4 t grad L(w) . d; a pair without positive curvature is left out, instead of the Wolfe
    search of the textbook, which would need further gradients.
    """

    references = ("nocedal1980",)
    gradients = 2

    steps: Count = field(30, doc="steps at the most")
    tolerance: Positive = field(1e-6, doc="norm of the inner loss's gradient at which a task's steps end")
    history: Count = field(8, doc="pairs that are kept")

    def remembers(self) -> int:
        return 2 * self.history

    def works_with(self) -> int:
        """The two loops over the pairs, each of which leaves a vector."""
        return 2 * self.history
