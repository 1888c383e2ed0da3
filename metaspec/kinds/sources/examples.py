from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.kind import LearnedSource


class Examples(LearnedSource):
    """A small learned training set: data set distillation (Wang et al. 2018)."""

    references = ("wang2018",)

    per_class: Count = field(1, doc="examples of each class")
    start: Literal["noise", "items"] = field("noise", doc="where they start: noise, or items of the training split")
