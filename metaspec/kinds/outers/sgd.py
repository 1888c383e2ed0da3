from metaspec.spec.base import Positive, field
from metaspec.spec.gradient import GradientOuter
from metaspec.spec.values import Scheduled


class Sgd(GradientOuter):
    """Gradient descent: w <- w - lr * g."""

    lr: Scheduled[Positive] = field(1e-2, doc="step size")
