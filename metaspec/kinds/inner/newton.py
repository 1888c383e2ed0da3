from metaspec.spec.base import Count, NonNegative, Positive, field
from metaspec.spec.gradient import ParameterInner
from metaspec.spec.values import Setting


class Newton(ParameterInner):
    """Damped Newton steps on the support loss with a line search; exact for a convex head."""

    steps: Count = field(20, doc="Newton steps at the most")
    tolerance: Positive = field(1e-6, doc="norm of the gradient at which the steps end")
    proximal: Setting[NonNegative] = field(0.0, doc="weight of half the squared distance to the initial weights")
    l2: Setting[NonNegative] = field(0.0, doc="weight of half the squared norm of the adapted parameters")
