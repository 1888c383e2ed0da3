"""What optimisation problems have in common: shapes of parameters, fields, arithmetic."""

from collections.abc import Iterable
from math import prod

from pydantic import SerializeAsAny

from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.kind import Problem
from metaspec.spec.shapes import Parameter, dense


class Objective(Problem):
    """A problem with noise on every entry of its gradient, drawn at every step."""

    references = ("wichrowska2017",)

    noise: NonNegative = field(0.0, doc="standard deviation of the noise added to every entry of the gradient")


class Wrapping(Objective):
    """A problem made of another one, `of`, whose parameters it has; its cost is that of `of` and little more."""

    of: SerializeAsAny[Problem] = field(doc="the problem that is changed")

    @property
    def classifies(self) -> bool:
        return self.of.classifies

    def parameters(self) -> tuple[Parameter, ...]:
        return self.of.parameters()

    def operations(self) -> int:
        return self.of.operations()


class Classifier(Objective):
    """A classifier of two classes: mean cross-entropy of logit 0 against label 1, plus 1e-3 times the mean over the
    tensors of their sums of squares. The second logit feels the second term only.

    The objective is over all rows, a step's gradient over a batch; accuracy is measured on rows that are never learned
    from, a sigmoid of more than one half meaning 1. (The original's accuracy compares the two logits, and is inverted.)
    """

    rows: Count = field(1000, doc="rows of data that are learned from")
    batch: Count = field(100, doc="rows of one step")
    balanced: bool = field(
        True, doc="whether labels are cut at the median, or as in the original at 0, which may leave one class"
    )

    @property
    def classifies(self) -> bool:
        return True

    def operations(self) -> int:
        return 2 * (self.rows + 3 * self.batch) * sum(prod(each.shape) for each in self.parameters())


class MirroredRows(Objective):
    """An objective of one row x, over normal rows of data and their negatives."""

    size: Count = field(20, doc="entries of x")
    rows: Count = field(1000, doc="rows of data")
    batch: Count = field(100, doc="rows of one step")

    def parameters(self) -> tuple[Parameter, ...]:
        return (Parameter(layer="x", role="kernel", shape=(1, self.size), fan_in=self.size, fan_out=1),)

    def operations(self) -> int:
        return 4 * (self.rows + 3 * self.batch) * self.size


def vector(size: int, name: str = "x", column: bool = True) -> tuple[Parameter, ...]:
    """One tensor, (size, 1) or (size,)."""
    shape = (size, 1) if column else (size,)
    return (Parameter(layer=name, role="kernel", shape=shape, fan_in=size, fan_out=1),)


def layers(widths: Iterable[int]) -> tuple[Parameter, ...]:
    """Kernels and biases of fully connected layers."""
    widths = tuple(widths)
    found: list[Parameter] = []
    for number, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False), start=1):
        found += dense(f"layer{number}" if number < len(widths) - 1 else "head", inputs, outputs)
    return tuple(found)
