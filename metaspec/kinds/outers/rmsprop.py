from metaspec.spec.base import Fraction, NonNegative, Positive, field
from metaspec.spec.gradient import GradientOuter


class Rmsprop(GradientOuter):
    """RMSProp (Tieleman and Hinton 2012): s <- decay * s + (1 - decay) * g^2, w <- w - lr * g / sqrt(s + epsilon)."""

    references = ("tieleman2012",)

    decay: Fraction = field(0.9, doc="share of the mean square that is kept")
    epsilon: Positive = field(1e-10, doc="added to the mean square under the root")
    start: NonNegative = field(0.0, doc="where the mean square starts; TensorFlow 1 started at 1")
