from typing import ClassVar, Literal

from pydantic import SerializeAsAny

from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Problem, Task

Family = Literal[
    "quadratic",
    "noisy_quadratic",
    "large_quadratic",
    "bowl",
    "noisy_bowl",
    "softmax_regression",
    "noisy_softmax_regression",
    "two_d",
    "noisy_two_d",
    "fully_connected",
    "convolutional",
    "recurrent",
    "matmul",
    "log_objective",
    "sparse_gradients",
    "sparse_networks",
    "rescale",
    "norm",
    "noisy_norm",
    "sum",
    "noisy_sum",
    "dependency_chain",
    "outward_snake",
    "min_max_well",
    "projection_quadratic",
    "sum_of_quadratics",
    "sparse_softmax",
    "one_hot_sparse_softmax",
]


class Problems(Task):
    """A pool of optimisation problems, each with parameters and an objective of its own (Wichrowska et al. 2017).

    Its problems are those of a family, or copies of a single one (`of`), in turn until there are `instances` of them:
    instance number i is problem number i of the family, counted round, with data drawn from (seed, i). Validation and
    test have instances of their own, never seen in training. Each trajectory starts at a fresh point.
    """

    references = ("wichrowska2017",)
    brings_model: ClassVar[bool] = True

    set: Family | None = field(None, doc="family of problems; or `of`")
    of: SerializeAsAny[Problem] | None = field(None, doc="a single problem, such as `quadratic { size = 20 }`")
    instances: Count = field(8, doc="problems in the pool")
    seed: Size = field(0, doc="seed of the instances")

    def entries(self) -> tuple[Problem, ...]:
        """The different problems; instances take them in turn."""
        from metaspec.kinds.families import FAMILIES  # all problems there are: only when a family is asked for

        if self.of is not None:
            return (self.of,)
        if self.set is None:
            raise ValueError("a pool has either `set` or `of`")
        return FAMILIES[self.set]

    def entry(self, instance: int) -> Problem:
        """The problem that an instance is."""
        entries = self.entries()
        return entries[instance % len(entries)]

    def abreast(self, instances: tuple[int, ...]) -> tuple[Problem, ...]:
        """The problems side by side in one graph for these instances, which repeat them in turn; one of each shape.

        Instances of one shape stand on the task axis: they are one problem.
        """
        found = [self.entry(number) for number in instances]
        shapes = [problem.graph for problem in found]
        period = next(
            length
            for length in range(1, len(shapes) + 1)
            if len(shapes) % length == 0 and shapes == shapes[:length] * (len(shapes) // length)
        )
        return tuple(found[:period])
