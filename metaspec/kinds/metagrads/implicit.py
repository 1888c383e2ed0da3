from typing import ClassVar

from pydantic import SerializeAsAny

from metaspec.kinds.solvers.cg import Cg
from metaspec.spec.base import field
from metaspec.spec.kind import Metagrad, Solver
from metaspec.spec.shapes import Sizes


class Implicit(Metagrad):
    """The implicit function theorem at the inner solution; memory does not grow with the inner steps.

    It is the meta-gradient of the minimum of the inner loss: take as many inner steps as come near it. With initial
    weights that are learned, `proximal` in `inner` makes the minimum depend on them.
    """

    references = ("rajeswaran2019", "lorraine2019")
    whole_loops: ClassVar[bool] = True

    solver: SerializeAsAny[Solver] = field(Cg(), doc="how the linear system with the inner Hessian is solved")

    def kept(self, size: Sizes, numbers: int) -> int:
        """The solution and the adjoint, and a product with the Hessian: the derivative of a gradient."""
        return 2 * size.state + 2 * size.second + size.query
