from itertools import pairwise
from typing import ClassVar

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.optimizer import LearnedInner, Weight

# Scales of the time features tanh(number / scale - 1).
TIMES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)


def network(features: int, hidden: tuple[int, ...], outputs: int = 2) -> tuple[Weight, ...]:
    """Kernels, normal and cut off at two deviations of 1 / sqrt(inputs), and biases at 0."""
    found = []
    for number, (wide, narrow) in enumerate(pairwise((features, *hidden, outputs)), start=1):
        found.append(Weight(name=f"layer{number}.kernel", shape=(wide, narrow), start="random", fan_in=wide))
        found.append(Weight(name=f"layer{number}.bias", shape=(narrow,), start=0.0))
    return tuple(found)


class MlpOptimizer(LearnedInner):
    """A learned optimizer: one small network on 19 features of every parameter (Metz et al. 2019).

    theta <- theta - step_scale * d * exp(exponent_scale * m), with d and m the network's outputs. Features are the
    gradient, the parameter and six momenta, each divided by the root mean square over its tensor, and eleven functions
    of the step's number. No recurrent state; 1,762 weights with the default widths.
    """

    references = ("metz2019",)
    momenta: ClassVar[tuple[float, ...]] = (0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)  # decays of those the network sees
    times: ClassVar[tuple[int, ...]] = TIMES

    hidden: tuple[Count, ...] = field((32, 32), doc="width of each hidden layer")
    step_scale: Positive = field(1e-3, doc="factor of every step")
    exponent_scale: Positive = field(1e-3, doc="factor of the second output in the exponent")
    steps: Count = field(100, doc="inner steps")

    def tensors(self) -> tuple[Weight, ...]:
        return network(2 + len(self.momenta) + len(self.times), self.hidden)

    def own_memory(self) -> int:
        return len(self.momenta)

    def works_with(self) -> int:
        """Features, and each layer before and after its nonlinearity."""
        return 2 + len(self.momenta) + len(self.times) + 2 * sum(self.hidden)
