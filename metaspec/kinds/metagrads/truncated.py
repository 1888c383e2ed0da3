from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.kind import CURVED, GRADIENT, Metagrad
from metaspec.spec.shapes import Sizes

LONGEST = 5  # times `more_steps`: the most steps that are added to a window


class Truncated(Metagrad):
    """Back-propagation through windows of the inner loop, cut from each other.

    With `carry` a meta-iteration is one window, and the trajectory goes on in the next; without, all windows run in one
    meta-iteration and their gradients are added. Time is that of four passes of each step, memory that of the states
    between the steps of one window. Of the objective, `final` is the loss after a window's last step, `mean` the mean
    over its steps, and `log` the mean of log(f / (f_start + 1e-6) + 1e-6), with f_start the loss at the trajectory's
    start. The original (Wichrowska et al. 2017) counts the losses before each step, the first of them twice, and never
    the last (`counted = before`), and keeps the optimizer's memory over five trajectories of a task (`reset = visit`), but
    for what their last windows did to it (`saved = before_last`).
    """

    references = ("wichrowska2017",)
    sees_steps: ClassVar[bool] = True
    knows_start: ClassVar[bool] = True

    window: Count = field(doc="inner steps of one window; the fewest, where `more_steps` is above 0")
    more_steps: NonNegative = field(0.0, doc="mean of an exponential number of steps that is added to each window")
    windows: Count | None = field(None, doc="windows of a trajectory; as many as `inner.steps` have where absent")
    more_windows: NonNegative = field(
        0.0, doc="mean of an exponential number of windows of whole length that is added to each trajectory"
    )
    order: Literal[1, 2] = field(2, doc="2 differentiates the inner gradients, 1 holds them constant")
    carry: bool = field(True, doc="whether the trajectory goes on in the next meta-iteration")
    counted: Literal["after", "before"] = field("after", doc="whether losses count after each step, or before it")
    numerator_epsilon: bool = field(
        False, doc="log objective: whether the second 1e-6 is added to f instead of the ratio"
    )
    relative: bool = field(
        False, doc="mean objective: whether losses are divided by the loss at the trajectory's start"
    )
    limit: Annotated[float, Ge(1)] | None = field(
        None, doc="a task stops where it is once its loss is above this many times the loss at its start, or not finite"
    )
    reset: Literal["trajectory", "visit"] = field(
        "trajectory", doc="when the inner method's memory starts anew: with each trajectory, or each visit of a task"
    )
    visit: Count = field(5, doc="trajectories of one visit")
    saved: Literal["last", "before_last"] = field(
        "last",
        doc="memory that a visit's next trajectory begins with: that after the last window, or as in the original after "
        "the last but one; where the first trajectory has no other, zeros",
    )
    l2: NonNegative = field(0.0, doc="weight of the sum of squares of all meta-parameters in the objective")
    repair: bool = field(False, doc="whether entries of the gradient that are not finite become 0, as in the original")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        seen = min(self.window, steps) if self.carry else steps
        return seen * (CURVED if self.order == 2 else GRADIENT), GRADIENT

    def kept(self, size: Sizes, numbers: int) -> int:
        """The states between the steps of the longest window, one step, and what it is again on the way back."""
        longest = self.window + round(LONGEST * self.more_steps)
        return longest * size.state + (size.second if self.order == 2 else size.first) + size.first + size.query
