from typing import ClassVar, Literal

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Metagrad


class Reptile(Metagrad):
    """Towards the adapted weights: the meta-gradient of the initial weights is (initial - adapted) (Nichol et al. 2018).

    With `outer = sgd { lr = e }` that is w <- w + e (adapted - w). `train.tasks = 1` is the serial algorithm, more
    tasks the batched one. No second derivatives and no path is kept: time and memory are those of the inner steps.

    Reptile knows no query set: with `items = all` the inner steps train on support and query together, as the
    paper's do on 10 to 15 items of a class for 1-shot tasks. `batch` items are drawn for each inner step, without
    replacement within the step; the paper goes through the items in a random order instead.
    """

    references = ("nichol2018",)
    whole_loops: ClassVar[bool] = True

    items: Literal["all", "support"] = field(
        "all", doc="what the inner steps of training see: support and query, or support"
    )
    batch: Count | None = field(None, doc="items drawn for each inner step; all of them where absent")
