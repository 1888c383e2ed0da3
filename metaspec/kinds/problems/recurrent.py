from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.problem import Classifier
from metaspec.spec.shapes import dense


class Recurrent(Classifier):
    """A small recurrent classifier of sequences, on normal sequences that a random fading memory labels.

    The last state goes through an affine layer. Starts as the other classifiers.
    """

    cell: Literal["gru", "lstm"] = field("gru", doc="recurrent cell")
    features: Count = field(3, doc="features of a step of the sequence")
    length: Count = field(8, doc="steps of the sequence")
    units: Count = field(6, doc="size of the state")
    rows: Count = field(200, doc="sequences that are learned from")
    batch: Count = field(20, doc="sequences of one step")

    def parameters(self):
        wide = self.features + self.units
        if self.cell == "lstm":
            return (*dense("gates", wide, 4 * self.units), *dense("head", self.units, 2))
        return (
            *dense("gates", wide, 2 * self.units),
            *dense("candidate", wide, self.units),
            *dense("head", self.units, 2),
        )

    def operations(self) -> int:
        return super().operations() * self.length
