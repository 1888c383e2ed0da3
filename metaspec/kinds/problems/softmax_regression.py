from typing import ClassVar

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.problem import Classifier, layers


class SoftmaxRegression(Classifier):
    """Logistic regression with two logits on scikit-learn's `make_classification` (see Classifier)."""

    in_data: ClassVar[frozenset[str]] = frozenset({"noise", "separation", "balanced"})

    features: Count = field(10, doc="features, all of them informative")
    separation: Positive = field(1.5, doc="distance between the classes")

    def parameters(self):
        return layers((self.features, 2))
