from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective, vector


class OutwardSnake(Objective):
    """sum D_0 / (|x| + 1e-6) + sum ((x_{1:} - pi cos x_{:-1}) D_{1:})^2 over rows D of zeros and ones; starts N(0, 1)."""

    size: Count = field(20, doc="entries of x")
    rows: Count = field(1000, doc="rows of data")
    batch: Count = field(100, doc="rows of one step")

    def parameters(self):
        return vector(self.size, column=False)

    def operations(self) -> int:
        return 4 * (self.rows + 3 * self.batch) * self.size
