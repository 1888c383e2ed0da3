from typing import ClassVar

from metaspec.spec.base import Count, field
from metaspec.spec.operations import Searched
from metaspec.spec.optimizer import Weight, affine


class Controller(Searched):
    """A recurrent network that draws one operation after the other: search by REINFORCE (Zoph and Le 2017).

    An LSTM reads the operation that it drew last, and gives the logits of the next place. Each task of a meta-iteration
    draws an architecture of its own, trains it, and what it reaches is the reward: `metagrad = reinforce`. The report of
    a run names the operations that are drawn most probably one after the other, as `fixed_ops {..}`, to be trained anew.
    """

    references = ("zoph2017",)
    samples: ClassVar[bool] = True

    units: Count = field(16, doc="width of the recurrent state")

    def tensors(self, places: int) -> tuple[Weight, ...]:
        # Beside the operations there is an input for the first place, before which nothing was drawn.
        return (
            *affine("gates", len(self.ops) + 1 + self.units, 4 * self.units, 1.0),
            *affine("logits", self.units, len(self.ops), 0.1),
        )
