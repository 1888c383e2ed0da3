from typing import ClassVar

from metaspec.spec.acting import ActingTask
from metaspec.spec.base import NonNegative, Positive, field
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution, Drawn


class Navigation(ActingTask):
    """A point in the plane seeks a goal that it is not told, one goal per task (Finn et al. 2017, section 5.3).

    The observation is the position, which starts at the origin. An action is a velocity in units of `speed`; each of its
    entries is clipped to -1..1. The reward of a step is minus the squared distance to the goal after it, and a
    trajectory ends within `radius` of the goal.
    """

    references: ClassVar[tuple[str, ...]] = ("finn2017",)

    goals: Drawn[float] = field(
        Distribution(distribution="uniform", arguments=(-0.5, 0.5)), doc="each coordinate of the goal, drawn per task"
    )
    speed: Positive = field(0.1, doc="largest change of a coordinate in one step")
    radius: NonNegative = field(0.01, doc="distance to the goal at which a trajectory ends")

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        return self.signature_of_spaces(2, 2)
