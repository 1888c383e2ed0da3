"""A task of one's own, the half without TensorFlow: its fields, and what it feeds a model.

`import python "my_tasks.py"` in a spec makes the kind `polynomial` known. It is declared like the kinds of metaspec:
a name, a type with its range, a default and a line of documentation for each field.
"""

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Task
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution, Drawn


def _uniform(low: float, high: float) -> Distribution:
    return Distribution(distribution="uniform", arguments=(low, high))


class Polynomial(Task):
    """Regression of a polynomial, y = c0 + c1 x + ... + cd x^d, whose coefficients are drawn per task."""

    # The other half: a module beside this file, or one that is installed.
    executed_by = "my_tasks_tensorflow"

    degree: Count = field(3, doc="highest power")
    coefficients: Drawn[float] = field(_uniform(-1.0, 1.0), doc="each coefficient, drawn per task")
    inputs: Drawn[float] = field(_uniform(-2.0, 2.0), doc="where the points lie, drawn per point")
    shots: Count = field(10, doc="points in the support set")
    queries: Count = field(10, doc="points in the query set")

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        return Signature((1,), 1, "mean_squared_error", self.shots, self.queries)
