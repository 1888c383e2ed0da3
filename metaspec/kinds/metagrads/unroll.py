from math import ceil, isqrt
from typing import ClassVar, Literal

from metaspec.spec.base import Count, Share, field
from metaspec.spec.kind import CURVED, GRADIENT, Metagrad
from metaspec.spec.shapes import Sizes


class Unroll(Metagrad):
    """Back-propagation through all inner steps.

    `order = 1` holds the inner gradients constant (FOMAML). Memory grows with the inner steps; `checkpoint`
    keeps only some of the states and computes the rest again: `sqrt` keeps about the root of their number, a
    number N every N-th. `first_order = 50%` anneals the order (Antoniou et al. 2019, section 4).
    """

    references = ("finn2017",)
    sees_steps: ClassVar[bool] = True
    whole_loops: ClassVar[bool] = True
    acts: ClassVar[bool] = True

    order: Literal[1, 2] = field(2, doc="2 differentiates the inner gradients, 1 holds them constant")
    first_order: Share = field(
        0.0, doc="share of the meta-iterations, from the first, that take order 1 before `order = 2` begins"
    )
    checkpoint: Literal["none", "sqrt"] | Count = field("none", doc="which inner states are kept for the backward pass")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        again = GRADIENT if self.checkpoint != "none" else 0
        return steps * ((CURVED if self.order == 2 else GRADIENT) + again), GRADIENT

    def kept(self, size: Sizes, numbers: int) -> int:
        """All steps, or segments of them that are computed again; of order 1 their states, since no gradient is taken back."""
        steps, segments = max(size.steps, 1), 1
        if isinstance(self.checkpoint, int):
            segments = ceil(steps / self.checkpoint)
        elif self.checkpoint == "sqrt":
            segments = max(1, isqrt(steps))
        length = ceil(steps / segments)
        if self.order == 1:
            return (segments + length) * size.state + size.first + size.query
        return segments * size.state + length * size.second + size.query
