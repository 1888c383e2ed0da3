from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective, vector


class Quadratic(Objective):
    """0.5 * sum (W x - y)^2, with W (size, size) and y (size, 1) normal, new for each instance; starts N(0, 1)."""

    size: Count = field(20, doc="entries of x")

    def parameters(self):
        return vector(self.size)

    def operations(self) -> int:
        return 2 * self.size**2
