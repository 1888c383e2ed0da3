from pydantic import SerializeAsAny

from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.spec.base import field
from metaspec.spec.kind import Problem
from metaspec.spec.problem import Wrapping


class LogObjective(Wrapping):
    """log(f + 1e-6) - log(1e-6) of another problem f.

    Starts where `of` does, with its noise besides its own; `faithful` starts N(0, 1) without it, as the original.
    """

    of: SerializeAsAny[Problem] = field(Quadratic(), doc="the problem whose logarithm is taken")
    faithful: bool = field(False, doc="whether start and noise of `of` are ignored, as in the original")

    @property
    def classifies(self) -> bool:
        return False
