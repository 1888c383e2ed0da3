from metaspec.spec.base import Positive, field
from metaspec.spec.gradient import HeadInner
from metaspec.spec.values import Learnable


class Matching(HeadInner):
    """Attention over the support set: P(class k) = sum of softmax(scale * cos(f(x), f(x_i))) over items i of class k.

    Without the full context embeddings of the paper (its equations 2 to 6), whose bidirectional LSTM makes every
    feature depend on the whole support set. `scale` is 1 in the paper; a cosine lies between -1 and 1, so that with
    1 no probability comes near 0 or 1.
    """

    references = ("vinyals2016",)

    scale: Learnable[Positive] = field(1.0, doc="factor of the cosines")
