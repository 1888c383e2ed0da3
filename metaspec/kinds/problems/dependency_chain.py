from metaspec.spec.base import Count, field
from metaspec.spec.problem import Objective, vector


class DependencyChain(Objective):
    """n x_0^2 + sum over i of x_{i+1}^2 / (x_i^2 + 1e-6): each entry can shrink once the one before has; starts N(0, 1)."""

    size: Count = field(20, doc="links of the chain")

    def parameters(self):
        return vector(self.size + 1, column=False)

    def operations(self) -> int:
        return 5 * self.size
