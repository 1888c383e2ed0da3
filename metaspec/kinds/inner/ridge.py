from typing import Literal

from metaspec.spec.base import Positive, field
from metaspec.spec.gradient import HeadInner
from metaspec.spec.values import Learnable


class Ridge(HeadInner):
    """Ridge regression on the features, in closed form: W = (X^T X + l2)^-1 X^T Y = X^T (X X^T + l2)^-1 Y.

    X holds the support features and a 1, Y the targets, of classes zeros and a one. Outputs are scale * x W + shift;
    for classes they are logits. R2-D2 (Bertinetto et al. 2019) learns l2, scale and shift; MetaOptNet-RR (Lee et al.
    2019) fixes l2 at 50. The smaller system is solved for each task, O(min(support, features + 1)^3), and
    differentiated through the solution. As in R2-D2's code, the weight of the 1 is penalised like the others.
    """

    references = ("bertinetto2019",)

    l2: Learnable[Positive] = field(1.0, doc="weight of the squared norm of W against the summed squared errors")
    scale: Learnable[Positive] = field(1.0, doc="factor of the outputs")
    shift: Learnable[float] = field(0.0, doc="added to the outputs")
    form: Literal["auto", "primal", "dual"] = field("auto", doc="which system is solved; the smaller one with auto")
