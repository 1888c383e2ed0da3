from metaspec.spec.base import Positive, field
from metaspec.spec.gradient import GradientOuter
from metaspec.spec.values import Load, Scheduled


class Optimizer(GradientOuter):
    """A learned optimizer as the outer method: meta-parameters are trained by what an earlier run has learned.

    m' = m + lr * (U(m, g, memory) - m), with U the update rule of the run's inner method and g the meta-gradient. All
    meta-parameters of the group lie on one element axis, as the parameters of a task do; the memory begins with the run
    and is checkpointed with it. An optimizer that learns can so be trained by one, or by itself as it was before
    (Metz et al. 2022). The gradient is taken at the meta-parameters, also for a rule that attends to points of its own.
    """

    references = ("metz2022",)

    weights: Load = field(doc="the run that has learned an optimizer")
    lr: Scheduled[Positive] = field(1.0, doc="share of the learned step that is made")
