from metaspec.spec.base import Count, NonNegative, Positive, field
from metaspec.spec.gradient import HeadInner
from metaspec.spec.values import Learnable


class Svm(HeadInner):
    """The multi-class support vector machine of Crammer and Singer 2001 on the features, by its dual.

    min over W of 1/2 |W|^2 + cost * sum over items of max over k of (1[k != y] + x w_k - x w_y), which is at most

        min over A of 1/2 tr(A^T (X X^T + damping) A) - sum of A[i, y_i],   A[i, k] <= cost * 1[k = y_i],  rows sum to 0

    with W = X^T A. The dual is solved by accelerated projected gradient steps until a step moves no entry by more
    than `tolerance` times the cost; then the optimality conditions of the entries that are off their bounds, a linear
    system of size support * ways, are solved exactly, with an exchange of entries until their set is right. The
    meta-gradient goes through that system alone, as in MetaOptNet (Lee et al. 2019, section 3.2), whose code adds 1
    to the diagonal and leaves the quadratic programme to an interior point solver. Logits are scale * x W.
    """

    references = ("lee2019", "crammer2001")

    cost: Learnable[Positive] = field(0.1, doc="weight of the margin's violations")
    scale: Learnable[Positive] = field(1.0, doc="factor of the logits")
    damping: NonNegative = field(1.0, doc="added to the diagonal of the dual's matrix")
    iterations: Count = field(500, doc="projected gradient steps at the most")
    tolerance: Positive = field(1e-5, doc="move of an entry, as a share of the cost, at which the steps end")
