from metaspec.spec.base import Fraction, NonNegative, Positive, field
from metaspec.spec.gradient import GradientInner
from metaspec.spec.values import Setting


class Adam(GradientInner):
    """Adam on the support loss: w <- w - lr * m^ / (sqrt(v^ + epsilon_root) + epsilon).

    The derivative of the root is infinite at v = 0, where a parameter has had no gradient yet: with
    `epsilon_root = 0` the step is differentiated there as zero, otherwise the root is taken of v^ + epsilon_root.
    """

    references = ("kingma2015",)

    lr: Setting[NonNegative] = field(1e-3, doc="step size")
    beta1: Fraction = field(0.9, doc="decay of the first moment")
    beta2: Fraction = field(0.999, doc="decay of the second moment")
    epsilon: Positive = field(1e-8, doc="added to the root of the second moment")
    epsilon_root: NonNegative = field(0.0, doc="added to the second moment under the root")

    def remembers(self) -> int:
        return 2
