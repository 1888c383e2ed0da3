from pydantic import SerializeAsAny

from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.spec.base import Share, field
from metaspec.spec.kind import Problem
from metaspec.spec.problem import Wrapping


class SparseGradients(Wrapping):
    """Another problem, each entry of whose gradient is 0 with a probability, noise included.

    Starts where `of` does, with its noise besides its own; `faithful` starts N(0, 1) without it, as the original.
    """

    of: SerializeAsAny[Problem] = field(Quadratic(), doc="the problem whose gradient is thinned")
    zero: Share = field(0.99, doc="probability that an entry of the gradient is 0")
    faithful: bool = field(False, doc="whether start and noise of `of` are ignored, as in the original")
