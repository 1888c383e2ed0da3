from typing import Annotated, ClassVar

from annotated_types import Ge

from metaspec.spec.base import field
from metaspec.spec.kind import GRADIENT, Metagrad
from metaspec.spec.shapes import Sizes


class Reinforce(Metagrad):
    """The score function: gradients of the probability of choices that are not differentiable (Williams 1992).

    Each task draws `samples` choices a_i from p(a; m), learns with each of them, and reaches the objectives F_i:

        g = mean over i of (F_i - mean of the other F_j) * d/dm log p(a_i; m),

    an unbiased estimate of d/dm E[F(a)], with others of the same task as the baseline (Zoph and Le 2017 take a moving
    average). Inner steps are evaluated and never differentiated. Time is that of `samples` inner loops; they run side by
    side, and memory is one state for each.
    """

    references = ("williams1992", "zoph2017")
    sees_steps: ClassVar[bool] = True
    values_alone: ClassVar[bool] = True

    samples: Annotated[int, Ge(2)] = field(8, doc="choices that each task draws")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        return self.samples * GRADIENT * steps, self.samples

    def kept(self, size: Sizes, numbers: int) -> int:
        """All samples side by side."""
        return self.samples * (size.state + size.first + size.query)
