from metaspec.spec.base import Fraction, Positive, field
from metaspec.spec.gradient import GradientOuter
from metaspec.spec.values import Scheduled


class Momentum(GradientOuter):
    """Gradient descent with momentum: v <- decay * v + g, w <- w - lr * v (nesterov: w <- w - lr * (g + decay * v))."""

    lr: Scheduled[Positive] = field(1e-2, doc="step size")
    decay: Fraction = field(0.9, doc="share of the velocity that is kept")
    nesterov: bool = field(False, doc="whether the gradient is added once more after the velocity")
