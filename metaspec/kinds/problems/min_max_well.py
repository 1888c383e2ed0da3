from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective, vector


class MinMaxWell(Objective):
    """max x^2 + 1 / min x^2 - 2 + 1e-12: everything pulls to 1 in size, two entries at a time; starts N(0, 1)."""

    size: Count = field(20, doc="entries of x")

    def parameters(self):
        return vector(self.size, column=False)

    def operations(self) -> int:
        return 5 * self.size
