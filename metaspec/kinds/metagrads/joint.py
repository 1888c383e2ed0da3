from typing import ClassVar, Literal

from metaspec.spec.base import field
from metaspec.spec.kind import GRADIENT, Metagrad


class Joint(Metagrad):
    """The gradient of the loss at the initial weights: joint training on the items of all tasks, without inner steps.

    What is compared with meta-learning under the names of transfer learning (the inner method then adapts in
    evaluation alone) and multi-task learning (`inner = none`). One forward and one backward pass.
    """

    references = ("caruana1997",)
    whole_loops: ClassVar[bool] = True
    acts: ClassVar[bool] = True

    items: Literal["all", "query"] = field("all", doc="what is trained on: support and query, or query")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        return GRADIENT if self.items == "all" else 0, GRADIENT
