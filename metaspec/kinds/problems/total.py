from typing import Annotated

from annotated_types import MinLen
from pydantic import SerializeAsAny

from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.kinds.problems.surface import Surface
from metaspec.spec.base import field
from metaspec.spec.kind import Problem
from metaspec.spec.problem import Objective


class Total(Objective):
    """The sum of other problems, each with parameters of its own, and their starts and noise.

    `faithful` ignores the members' noise, as the original, whose noisy sums are not noisy.
    """

    of: Annotated[tuple[SerializeAsAny[Problem], ...], MinLen(1)] = field(
        (Quadratic(), Surface()), doc="the problems that are added"
    )
    faithful: bool = field(False, doc="whether the noise of the members is ignored, as in the original")

    def parameters(self):
        return tuple(
            parameter.model_copy(update={"layer": f"member{number}_{parameter.layer}"})
            for number, problem in enumerate(self.of, start=1)
            for parameter in problem.parameters()
        )

    def operations(self) -> int:
        return sum(problem.operations() for problem in self.of)
