"""What the gradient-based kinds of a category have in common: the fields every one of them takes."""

from typing import ClassVar, Literal

from pydantic import SerializeAsAny

from metaspec.spec.base import Count, LayerName, NonNegative, Positive, field
from metaspec.spec.kind import Inner, Model, Outer
from metaspec.spec.shapes import Parameter
from metaspec.spec.values import Initializer, Learned, Load, Scheduled, Setting


class WeightsInner(Inner):
    """An inner method whose model starts from initial weights."""

    init: Setting[Initializer | Load | Literal["prototypes"]] = field(
        "glorot_uniform",
        doc="initial weights, before the first inner step; `head = prototypes` takes them from the support",
    )


class HeadInner(WeightsInner):
    """An inner method that is solved at once, on the features before the model's last layer, which it replaces."""

    replaces_head: ClassVar[bool] = True
    steps: ClassVar[int] = 0


class AdaptingInner(WeightsInner):
    """An inner method whose steps change parameters of a model, all or some."""

    adapt: Literal["all", "head", "body"] | tuple[LayerName, ...] = field(
        "all", doc="which parameters the inner steps change: all, the head, all but the head, or layers by name"
    )

    def adapts(self, parameter: Parameter) -> bool:
        return covers(self.adapt, parameter)


class ParameterInner(AdaptingInner):
    """An inner method that adapts the parameters of a model to an inner loss."""

    l2: Setting[NonNegative] = field(
        0.0, doc="weight of half the squared norm of the adapted parameters in the inner loss"
    )
    proximal: Setting[NonNegative] = field(
        0.0, doc="weight of half the squared distance to the initial weights in the inner loss"
    )

    loss: Learned[SerializeAsAny[Model]] | None = field(
        None,
        doc="a model that gives a number from the output and the target of an item, which is added to the task's own loss; "
        "its head starts at zero",
    )


def covers(adapt: str | tuple[str, ...], parameter: Parameter) -> bool:
    """Whether `adapt` speaks of a parameter: all, the head, all but the head, or layers, roles and names."""
    if isinstance(adapt, str):
        return adapt == "all" or (parameter.layer == "head") == (adapt == "head")
    return any(part in parameter.parts for part in adapt)


class GradientInner(ParameterInner):
    """An inner method that takes gradient steps on the support loss."""

    steps: Count = field(1, doc="inner steps")
    lr: Setting[NonNegative] = field(0.01, doc="step size")
    tolerance: NonNegative = field(0.0, doc="norm of the inner loss's gradient at which a task's steps end")


class GradientOuter(Outer):
    """An outer method that follows the meta-gradient."""

    lr: Scheduled[Positive] = field(1e-3, doc="step size")
    clip: Positive | None = field(None, doc="bound on the size of every entry of the meta-gradient")
    clip_norm: Positive | None = field(None, doc="bound on the norm of the whole meta-gradient")
