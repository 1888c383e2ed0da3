"""A problem of one's own, the half without TensorFlow: its fields, the shapes of its parameters, and its arithmetic.

`import python "my_problems.py"` in a spec makes the kind `logistic` known: something to be optimised, which brings its own
parameters and needs no model.
"""

from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.problem import Objective, vector
from metaspec.spec.shapes import Parameter


class Logistic(Objective):
    """Logistic regression: mean of log(1 + exp(-y w.x)) over labelled points, plus l2 / 2 times the square of w."""

    # The other half: a module beside this file, or one that is installed.
    executed_by = "my_problems_tensorflow"
    references = ()

    size: Count = field(10, doc="weights, and numbers of a point")
    points: Count = field(50, doc="labelled points, drawn per instance")
    l2: NonNegative = field(0.01, doc="weight of the squares")

    def parameters(self) -> tuple[Parameter, ...]:
        return vector(self.size)

    def operations(self) -> int:
        return 2 * self.points * self.size
