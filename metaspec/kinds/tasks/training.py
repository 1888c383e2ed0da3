from pydantic import SerializeAsAny

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Data, LearnedSource, Task
from metaspec.spec.values import Learned


class Training(Task):
    """Ordinary training of a model on one data set, whose validation loss is the objective."""

    data: SerializeAsAny[Data] = field(doc="where the items come from")
    batch: Count | None = field(None, doc="items of one inner step; the whole training split where absent")
    train_on: Learned[SerializeAsAny[LearnedSource]] | None = field(None, doc="learned items that replace the training split")
