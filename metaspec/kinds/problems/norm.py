from metaspec.spec.base import Count, Positive, field
from metaspec.spec.problem import Objective, vector


class Norm(Objective):
    """(sum (|W x - y| + 1e-6)^power)^(1 / power), with W and y normal; starts N(0, 1)."""

    size: Count = field(18, doc="entries of x")
    power: Positive = field(2.0, doc="the norm's power")

    def parameters(self):
        return vector(self.size)

    def operations(self) -> int:
        return 2 * self.size**2
