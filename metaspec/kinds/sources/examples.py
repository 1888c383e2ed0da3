from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.kind import LearnedSource
from metaspec.spec.optimizer import Weight
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution, Given


class Examples(LearnedSource):
    """A small training set, learned item by item: data set distillation (Wang et al. 2018).

    `noise` is uniform in 0..1, the range of images; `items` are drawn from the training split. With `labels = learned`
    each item has a target for each class, any numbers, that begin as its class's 1 and 0 and weigh the logarithms of
    the predicted probabilities (Sucholutsky and Schonlau 2019). Without `learned(...)` around them the examples stay
    where they start: as many real items, to compare with.
    """

    references = ("wang2018", "sucholutsky2019")

    per_class: Count = field(1, doc="examples of each class")
    start: Literal["noise", "items"] = field("noise", doc="where they start: noise, or items of the training split")
    labels: Literal["classes", "learned"] = field("classes", doc="whether the targets are learned besides")

    def tensors(self, signature: Signature) -> tuple[Weight, ...]:
        count = self.per_class * signature.outputs
        noise = Distribution(distribution="uniform", arguments=(0.0, 1.0))
        items = Weight(
            name="items",
            shape=(count, *signature.inputs),
            start=noise if self.start == "noise" else Given(given="items"),
        )
        if self.labels == "classes":
            return (items,)
        return (items, Weight(name="labels", shape=(count, signature.outputs), start=Given(given="labels")))
