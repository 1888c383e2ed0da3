from metaspec.spec.base import Count, Positive, field
from metaspec.spec.problem import Classifier, layers


class SoftmaxRegression(Classifier):
    """Logistic regression with two logits on scikit-learn's `make_classification` (see Classifier)."""

    features: Count = field(10, doc="features, all of them informative")
    separation: Positive = field(1.5, doc="distance between the classes")

    def parameters(self):
        return layers((self.features, 2))
