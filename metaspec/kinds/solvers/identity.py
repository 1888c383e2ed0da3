from metaspec.spec.base import Positive, field
from metaspec.spec.kind import Solver


class Identity(Solver):
    """The inverse Hessian taken for `scale` times the identity: no products, a biased meta-gradient.

    T1-T2 of Luketina et al. 2016. With `proximal = p` and `scale = 1 / p` it is first-order iMAML: the gradient of the
    query loss at the adapted weights.
    """

    references = ("luketina2016",)

    scale: Positive = field(1.0, doc="what stands for the inverse Hessian")
