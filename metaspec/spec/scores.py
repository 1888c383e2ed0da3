"""What outer methods that take scores have in common."""

from typing import ClassVar

from metaspec.spec.base import Positive, field
from metaspec.spec.kind import Outer


class ScoreOuter(Outer):
    """An outer method that draws candidates for the meta-parameters and is told their scores.

    Candidates are of the meta-parameters as they are stored: their logarithm where `scale = log`, inside `min` and
    `max`.
    """

    particles: int
    scores: ClassVar[bool] = True
    deviation: Positive = field(0.5, doc="standard deviation of the first candidates")
