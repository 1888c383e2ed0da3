from typing import ClassVar

from metaspec.spec.base import Positive, field
from metaspec.spec.problem import Objective, vector


class Bowl(Objective):
    """0.5 * sum (A x)^2 in two dimensions, A = sqrt(diag(condition, 1)) times a rotation; starts N(0, 1)."""

    in_data: ClassVar[frozenset[str]] = frozenset({"noise", "condition", "angle"})

    condition: Positive = field(1.0, doc="ratio of the curvatures")
    angle: float = field(0.0, doc="rotation in radians")

    def parameters(self):
        return vector(2)

    def operations(self) -> int:
        return 12
