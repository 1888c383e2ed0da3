from pydantic import SerializeAsAny

from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.spec.base import Positive, field
from metaspec.spec.kind import Problem
from metaspec.spec.problem import Wrapping


class Rescale(Wrapping):
    """f(x / scale) of another problem f; starts at `scale` times its start."""

    of: SerializeAsAny[Problem] = field(Quadratic(), doc="the problem that is rescaled")
    scale: Positive = field(10.0, doc="factor of the parameters")
    faithful: bool = field(False, doc="whether the noise of `of` is ignored, as in the original")
