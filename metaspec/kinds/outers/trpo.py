from typing import ClassVar

from metaspec.spec.base import Count, Fraction, NonNegative, Positive, Size, field
from metaspec.spec.kind import Outer


class Trpo(Outer):
    """Trust region policy optimization of the meta-parameters (Schulman et al. 2015, with the adapted policies of Finn et al.
    2017).

    The step maximises the surrogate of the return after adaptation, sum of density ratios times advantages, within
    KL(adapted policy before || after) <= delta, the mean over the steps of the query trajectories: the direction solves
    (F + damping) x = g by conjugate gradients, F being the Hessian of that divergence through the inner steps; it is made
    sqrt(2 delta / (x' (F + damping) x)) long and shrunk until the surrogate is better and the divergence is within delta,
    or no step is made. Shards are asked for products with F and for the surrogate in rounds, on the same trajectories.
    """

    references = ("schulman2015", "finn2017")
    searches: ClassVar[bool] = True
    # The step that is found is made as it is.
    lr: ClassVar[float] = 1.0
    clip: ClassVar[None] = None
    clip_norm: ClassVar[None] = None

    delta: Positive = field(0.01, doc="bound on the mean divergence of the adapted policies")
    cg_iterations: Count = field(10, doc="iterations of conjugate gradients, each a round of all shards")
    damping: NonNegative = field(1e-5, doc="added to the diagonal of the Hessian")
    backtracks: Size = field(15, doc="how often the step may be shrunk")
    shrink: Fraction = field(0.8, doc="what the step is multiplied with each time")
