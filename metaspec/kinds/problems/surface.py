from typing import ClassVar, Literal, get_args

from metaspec.spec.base import field
from metaspec.spec.problem import Objective, vector

Surfaces = Literal[
    "ackley",
    "beale",
    "booth",
    "branin",
    "log_sum_exp",
    "matyas",
    "michalewicz",
    "rosenbrock",
    "styblinski_tang",
    "saddle",
]
WITH_MINIMUM: tuple[Surfaces, ...] = tuple(name for name in get_args(Surfaces) if name != "saddle")


class Surface(Objective):
    """A test function of two variables, with the starts that are usual for it. `saddle` has no minimum."""

    in_data: ClassVar[frozenset[str]] = frozenset({"noise", "function"})

    function: Surfaces = field("rosenbrock", doc="which function")

    def parameters(self):
        return vector(2, column=False)

    def operations(self) -> int:
        return 50
