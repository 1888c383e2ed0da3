from typing import ClassVar, Literal

from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Task

Family = Literal["quadratic", "softmax_regression", "two_d", "bowl", "fully_connected"]


class Problems(Task):
    """A pool of optimisation problems of one family, each with parameters and an objective of its own."""

    references = ("wichrowska2017",)
    brings_model: ClassVar[bool] = True

    set: Family = field(doc="family of problems")
    instances: Count = field(8, doc="problems in the pool")
    seed: Size = field(0, doc="seed of the instances")
