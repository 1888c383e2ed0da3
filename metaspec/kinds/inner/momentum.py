from metaspec.spec.base import Fraction, field
from metaspec.spec.gradient import GradientInner
from metaspec.spec.values import Setting


class Momentum(GradientInner):
    """Gradient descent with momentum: v <- decay * v + grad L(w), w <- w - lr * v (Polyak 1964)."""

    decay: Setting[Fraction] = field(0.9, doc="share of the velocity that is kept")

    def remembers(self) -> int:
        return 1
