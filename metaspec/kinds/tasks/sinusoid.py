from math import pi

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Task
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution, Drawn


def _uniform(low: float, high: float) -> Distribution:
    return Distribution(distribution="uniform", arguments=(low, high))


class Sinusoid(Task):
    """Regression of y = amplitude * sin(x - phase), one sine per task (Finn et al. 2017, section 5.1)."""

    references = ("finn2017",)

    amplitude: Drawn[float] = field(_uniform(0.1, 5.0), doc="height of the sine, drawn per task")
    phase: Drawn[float] = field(_uniform(0.0, pi), doc="shift of the sine in radians, drawn per task")
    inputs: Drawn[float] = field(_uniform(-5.0, 5.0), doc="where the points lie on the x axis, drawn per point")
    noise: Drawn[float] = field(0.0, doc="standard deviation of the noise added to every target")
    shots: Count = field(10, doc="points in the support set")
    queries: Count = field(10, doc="points in the query set")

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        return Signature((1,), 1, "mean_squared_error", self.shots, self.queries)
