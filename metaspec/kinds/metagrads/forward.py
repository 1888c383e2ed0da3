from typing import ClassVar

from metaspec.spec.base import Count, field
from metaspec.spec.kind import GRADIENT, Metagrad
from metaspec.spec.shapes import Sizes


class Forward(Metagrad):
    """Forward-mode differentiation: the tangent of every meta-parameter is carried along the inner steps.

    With the state w_t of a task and Z_t = dw_t / dm, Z_{t+1} = (dw_{t+1} / dw_t) Z_t + dw_{t+1} / dm, and the
    meta-gradient is dF/dw Z + dF/dm (Franceschi et al. 2017, section 3.2). It is exact, the same as that of `unroll`.

    Memory is one state and `chunk` tangents of it, whatever the steps; time grows with the number of meta-parameters,
    about two inner steps' for each of them. So it is for few numbers and long inner loops; with more than some thousand
    meta-parameters it is an error. `chunk` tangents are carried side by side, and each chunk runs the inner loop again.
    """

    references = ("franceschi2017",)
    sees_steps: ClassVar[bool] = True

    chunk: Count = field(32, doc="tangents carried side by side")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        return GRADIENT * steps * (1 + 2 * numbers), GRADIENT * (1 + numbers)

    def kept(self, size: Sizes, numbers: int) -> int:
        """A state and a step, and the tangents of both; the step is once more differentiated to push them."""
        return (min(self.chunk, numbers) + 2) * (size.state + size.second) + size.query
