from metaspec.spec.base import NonNegative, field
from metaspec.spec.optimizer import LearnedInner, Weight


class LearnedRate(LearnedInner):
    """Gradient descent with one learned step size: theta <- theta - r g (Wichrowska et al. 2017)."""

    start: NonNegative = field(1e-3, doc="step size at the start")

    def tensors(self) -> tuple[Weight, ...]:
        return (Weight(name="rate", shape=(), start=float(self.start)),)
