from metaspec.spec.base import Fraction, NonNegative, Positive, field
from metaspec.spec.gradient import GradientInner
from metaspec.spec.values import Setting


class Rmsprop(GradientInner):
    """RMSProp on the support loss: v <- decay * v + (1 - decay) * g^2, w <- w - lr * g / (sqrt(v) + epsilon).

    Where a parameter has had no gradient yet the root is differentiated as zero.
    """

    references = ("tieleman2012",)

    lr: Setting[NonNegative] = field(1e-3, doc="step size")
    decay: Fraction = field(0.9, doc="share of the mean square that is kept")
    epsilon: Positive = field(1e-8, doc="added to the root of the mean square")

    def remembers(self) -> int:
        return 1
