from typing import Literal

from metaspec.spec.base import Positive, field
from metaspec.spec.gradient import HeadInner
from metaspec.spec.values import Learnable


class Prototypes(HeadInner):
    """Nearest class mean: logits -scale * d(f(x), c_k), c_k the mean feature of class k's support items.

    d is the squared Euclidean distance, or 1 - cosine. Cost: one forward pass of all items, and ways * queries *
    features. The paper trains with more ways than it tests with; here both are `ways` of the task.
    """

    references = ("snell2017",)

    distance: Literal["euclidean", "cosine"] = field("euclidean", doc="squared Euclidean distance, or 1 - cosine")
    scale: Learnable[Positive] = field(1.0, doc="factor of the logits")
