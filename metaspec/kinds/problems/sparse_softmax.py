from metaspec.spec.base import Count, field
from metaspec.spec.problem import Classifier
from metaspec.spec.shapes import Parameter, dense


class SparseSoftmax(Classifier):
    """Softmax regression on the sum of embeddings of five integers, whose parity with noise is the label.

    `one_hot` multiplies one-hot rows with the table instead of looking up: the same objective, other operations. The
    original draws five rows for batches of 23.
    """

    features: Count = field(8, doc="size of an embedding")
    tokens: Count = field(10, doc="integers that there are")
    one_hot: bool = field(False, doc="whether embeddings are products with one-hot rows")

    def parameters(self):
        table = Parameter(
            layer="table", role="kernel", shape=(self.tokens, self.features), fan_in=self.tokens, fan_out=self.features
        )
        return (table, *dense("head", self.features, 2))
