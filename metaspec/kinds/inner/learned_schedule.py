from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.optimizer import LearnedInner, Weight


class LearnedSchedule(LearnedInner):
    """Gradient descent with a learned step size for each inner step: theta <- theta - r[number] g.

    Steps behind the end of the table take its last entry (Wichrowska et al. 2017, where the table starts at 0).
    """

    length: Count = field(1000, doc="entries of the table")
    start: NonNegative = field(0.0, doc="step size that every entry starts with")

    def tensors(self) -> tuple[Weight, ...]:
        return (Weight(name="rates", shape=(self.length,), start=float(self.start)),)
