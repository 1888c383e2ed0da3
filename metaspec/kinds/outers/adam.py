from metaspec.spec.base import Fraction, Positive, field
from metaspec.spec.gradient import GradientOuter


class Adam(GradientOuter):
    """Adam (Kingma and Ba 2015, algorithm 1): w <- w - lr * m^ / (sqrt(v^) + epsilon)."""

    references = ("kingma2015",)

    beta1: Fraction = field(0.9, doc="decay of the first moment")
    beta2: Fraction = field(0.999, doc="decay of the second moment")
    epsilon: Positive = field(1e-8, doc="added to the root of the second moment")
