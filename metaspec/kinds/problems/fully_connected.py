from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.problem import Classifier, layers


class FullyConnected(Classifier):
    """A network with sigmoid layers, on normal inputs that a random network of six layers labels (see Classifier)."""

    features: Count = field(8, doc="features of the data")
    hidden: tuple[Count, ...] = field((32, 64), doc="width of each hidden layer")
    activation: Literal["sigmoid", "relu"] = field("sigmoid", doc="nonlinearity after each hidden layer")

    def parameters(self):
        return layers((self.features, *self.hidden, 2))
