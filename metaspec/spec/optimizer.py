"""What learned optimizers have in common: the tensors of their weights, and the fields every one of them takes."""

from typing import ClassVar, Literal

from metaspec.spec.base import Count, Frozen, LayerName, NonNegative, field
from metaspec.spec.gradient import WeightsInner, covers
from metaspec.spec.shapes import Parameter
from metaspec.spec.values import Distribution, Given, Initializer, Learnable, Load


class Weight(Frozen):
    """One tensor of what is learned as a whole, such as an optimizer: it starts at a number, a draw, an initializer, or
    at what the task gives. `drawn_with` names the one whose draw it repeats, where that is not its own.
    """

    name: str
    shape: tuple[int, ...]
    start: float | Distribution | Initializer | Given
    fan_in: int = 1
    fan_out: int = 1
    drawn_with: str | None = None


class LearnedInner(WeightsInner):
    """An inner method whose update rule has weights of its own, meta-parameters as a rule.

    STAR (Harrison et al. 2022) adds a step by hand to the learned one: the mean of Adam-normalised momenta times
    `nominal`, and a decay of the parameters; `preconditioned` divides the learned step by the root of the mean square
    of the gradient. All three keep an optimizer stable outside of what it was trained on.
    """

    references: ClassVar[tuple[str, ...]] = ("wichrowska2017",)

    weights: Learnable[Literal["random"] | Load] = field("random", doc="weights of the optimizer itself")
    steps: Count = field(200, doc="inner steps")
    adapt: Literal["all", "head", "body"] | tuple[LayerName, ...] = field(
        "all", doc="which parameters of a model the inner steps change"
    )
    data_batches: Count = field(1, doc="batches whose gradients are averaged in one inner step")
    nominal: NonNegative = field(0.0, doc="size of the nominal step of STAR; 0 for none")
    decay: NonNegative = field(0.0, doc="share of each parameter that STAR takes away in a step")
    preconditioned: bool = field(False, doc="whether the learned step is divided by the gradient's root mean square")

    def adapts(self, parameter: Parameter) -> bool:
        return covers(self.adapt, parameter)

    def tensors(self) -> tuple[Weight, ...]:
        """The tensors of the weights, in order."""
        raise TypeError(f"{self.name} declares no weights")

    def remembers(self) -> int:
        """Of the optimizer itself, and with STAR three momenta and their mean squares."""
        return self.own_memory() + (4 if self.nominal or self.decay or self.preconditioned else 0)

    def own_memory(self) -> int:
        """Numbers of the optimizer's own memory for each parameter."""
        return 0


def normal(mean: float, deviation: float) -> Distribution:
    return Distribution(distribution="normal", arguments=(mean, deviation))


def affine(name: str, inputs: int, outputs: int, scale: float, bias: float | None = 0.0) -> tuple[Weight, ...]:
    """A kernel of normal draws with deviation scale / sqrt(inputs), not cut off, and a constant bias where given."""
    kernel = Weight(name=f"{name}.kernel", shape=(inputs, outputs), start=normal(0.0, scale / inputs**0.5))
    return (kernel,) if bias is None else (kernel, Weight(name=f"{name}.bias", shape=(outputs,), start=bias))
