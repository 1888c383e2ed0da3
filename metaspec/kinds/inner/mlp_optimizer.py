from metaspec.spec.base import Count, field
from metaspec.spec.kind import Inner
from metaspec.spec.values import Initializer, Learnable, Load


class MlpOptimizer(Inner):
    """A learned optimizer: one small network on 19 features of every parameter (Metz et al. 2019)."""

    references = ("metz2019",)

    weights: Learnable[Initializer | Load] = field("random", doc="weights of the optimizer itself")
    hidden: tuple[Count, ...] = field((32, 32), doc="width of each hidden layer")
    steps: Count = field(100, doc="inner steps")
