from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective
from metaspec.spec.shapes import Parameter


class ProjectionQuadratic(Objective):
    """sum (x * D)^2 over normal rows D and their negatives; starts N(0, 1)."""

    size: Count = field(20, doc="entries of x")
    rows: Count = field(1000, doc="rows of data")
    batch: Count = field(100, doc="rows of one step")

    def parameters(self):
        return (Parameter(layer="x", role="kernel", shape=(1, self.size), fan_in=self.size, fan_out=1),)

    def operations(self) -> int:
        return 4 * (self.rows + 3 * self.batch) * self.size
