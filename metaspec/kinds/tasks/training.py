from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import SerializeAsAny

from metaspec.spec.base import Count, field
from metaspec.spec.kind import PARTS, Augmentation, Data, LearnedSource, Task
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Learnable, Learned

if TYPE_CHECKING:
    from metaspec.data.training import TrainingData


class Training(Task):
    """Ordinary training of a model on one data set, whose validation loss is the objective.

    The support set is the training split, the query set the validation split; the figure at the end is that of the
    test split. Every class is in every split: its items are divided by `validation` and `test` of the data. Tasks of a
    meta-iteration differ in the initial weights that are not learned, and in the order of the batches.

    With `batch` each inner step sees that many training items, drawn with replacement from the number of the step
    alone. With `query_batch` the objective of a meta-iteration is taken on that many validation items, the same at all
    steps of a trajectory; evaluations always take the whole split. Items lie in memory once for each worker.

    With `train_on` the support set is a small set of items, learned as a rule, and the objective of a meta-iteration is
    taken on the training split that it stands for; `query_batch` is then a number of training items.
    """

    from_files: ClassVar[bool] = True
    trains: ClassVar[bool] = True

    data: SerializeAsAny[Data] = field(doc="where the items come from")
    batch: Count | None = field(None, doc="items of one inner step; the whole training split where absent")
    query_batch: Count | None = field(None, doc="validation items of one meta-iteration; the whole split where absent")
    train_on: Learnable[SerializeAsAny[LearnedSource]] | None = field(
        None, doc="a small set of items that replaces the training split, learned as a rule"
    )
    augment: Learned[SerializeAsAny[Augmentation]] | None = field(None, doc="what changes the items of each inner step")

    def found(self, location: Path | None, parts: Sequence[str] = PARTS) -> "TrainingData":
        from metaspec.data.training import training_data  # brings NumPy: only when data is asked for

        return training_data(self.data, location)

    @property
    def source(self) -> LearnedSource | None:
        """What stands in the place of the training split, learned or not."""
        return self.train_on.start if isinstance(self.train_on, Learned) else self.train_on

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        """Of data that is not read from files, whose classes and items are known beforehand. Raises DataError."""
        return self.signature_of(self.found(None))

    def signature_of(self, found: "TrainingData") -> Signature:
        support, query = len(found.rows.train), len(found.rows.validation)
        if self.source is not None:
            support, query = self.source.per_class * len(found.table.classes), support
        return Signature(
            found.table.item_shape,
            len(found.table.classes),
            "cross_entropy",
            min(self.batch or support, support),
            min(self.query_batch or query, query),
        )
