from typing import ClassVar

from metaspec.kinds.inner.mlp_optimizer import TIMES, network
from metaspec.spec.base import Count, Positive, field
from metaspec.spec.optimizer import LearnedInner, Weight

FEATURES = 28


class SmallFc(LearnedInner):
    """A learned optimizer: a very small network on 39 features of every parameter, Adafactor's among them (Metz et al.
    2022).

    theta <- theta - step_scale * d * exp(exponent_scale * m). Features are the gradient, the parameter, momenta, mean
    squares and factored mean squares over the two largest axes of its tensor, and combinations of them, each divided by
    its root mean square over the tensor; and eleven functions of the step's number. The decays are learned too, as
    1 - (1 - start) exp(10 delta); 197 weights with the default widths.
    """

    references = ("metz2022",)
    # Decays that momenta, mean squares and factored mean squares start with.
    momenta: ClassVar[tuple[float, ...]] = (0.9, 0.99, 0.999)
    squares: ClassVar[tuple[float, ...]] = (0.999,)
    factors: ClassVar[tuple[float, ...]] = (0.9, 0.99, 0.999)
    times: ClassVar[tuple[int, ...]] = TIMES

    hidden: tuple[Count, ...] = field((4, 4), doc="width of each hidden layer")
    step_scale: Positive = field(1e-3, doc="factor of every step")
    exponent_scale: Positive = field(1e-3, doc="factor of the second output in the exponent")

    def tensors(self) -> tuple[Weight, ...]:
        decays = {"momentum_decays": self.momenta, "square_decays": self.squares, "factor_decays": self.factors}
        offsets = [Weight(name=name, shape=(len(starts),), start=0.0) for name, starts in decays.items()]
        return (*network(FEATURES + len(self.times), self.hidden), *offsets)

    def own_memory(self) -> int:
        """Factors of a tensor of one axis are as large as it; of others they are small."""
        return len(self.momenta) + len(self.squares)

    def works_with(self) -> int:
        """Features, and each layer before and after its nonlinearity."""
        return FEATURES + len(self.times) + 2 * sum(self.hidden)
