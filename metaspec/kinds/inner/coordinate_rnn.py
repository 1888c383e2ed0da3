from typing import Annotated, Literal

from annotated_types import MinLen

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.optimizer import LearnedInner, Weight, affine
from metaspec.spec.values import Distribution


class CoordinateRnn(LearnedInner):
    """A learned optimizer: stacked recurrent cells at every parameter by itself (Andrychowicz et al. 2016; this form:
    Wichrowska et al. 2017).

    theta <- theta - r' h w, with h the last cell's output on asinh(g / rms(g)) and r' = r * 2 sigmoid(h u + b) the
    parameter's own rate. The original's default cell, a gru, does not work with it; both work here.
    """

    references = ("andrychowicz2016", "wichrowska2017")

    cell: Literal["gru", "lstm"] = field("lstm", doc="recurrent cell of all layers")
    sizes: Annotated[tuple[Count, ...], MinLen(1)] = field((20, 20), doc="state size of each layer")
    min_lr: Positive = field(1.0, doc="lower end of the rates that parameters start with")
    max_lr: Positive = field(1.0, doc="upper end of the rates that parameters start with")
    cell_scale: Positive = field(0.5, doc="deviation of a cell's kernel at the start, times the root of its inputs")
    gate_bias: float = field(2.2, doc="bias of gates at the start; of an lstm that of the forget gate")
    readout_scale: Positive = field(0.5, doc="the same deviation for readouts")
    decay_start: float = field(2.2, doc="logit of the decay of mean squares at the start")

    @property
    def states(self) -> tuple[int, ...]:
        """Numbers in the state of each layer."""
        return tuple(size * (2 if self.cell == "lstm" else 1) for size in self.sizes)

    def tensors(self) -> tuple[Weight, ...]:
        found, inputs = [], 1
        drawn = Distribution(distribution="uniform", arguments=(-1.0, 1.0))
        for number, (size, state) in enumerate(zip(self.sizes, self.states, strict=True), start=1):
            level, wide = f"layer{number}", inputs + size
            found.append(Weight(name=f"{level}.start", shape=(state,), start=drawn))
            if self.cell == "gru":
                found += affine(f"{level}.gates", wide, 2 * size, self.cell_scale, self.gate_bias)
                found += affine(f"{level}.candidate", wide, size, self.cell_scale)
            else:
                found += affine(f"{level}.gates", wide, 4 * size, self.cell_scale, None)
                found.append(Weight(name=f"{level}.forget.bias", shape=(size,), start=self.gate_bias))
                found.append(Weight(name=f"{level}.gates.bias", shape=(3 * size,), start=0.0))
            inputs = size
        found += affine("update", inputs, 1, self.readout_scale, None)
        found += affine("decay", inputs, 1, self.readout_scale, self.decay_start)
        found += affine("rate", inputs, 1, self.readout_scale)
        return tuple(found)

    def own_memory(self) -> int:
        """The states of the cells; a rate, a decay and mean squares."""
        return sum(self.states) + 3

    def works_with(self) -> int:
        """Gates, before and after their nonlinearities."""
        return 2 * sum(size * (4 if self.cell == "lstm" else 3) for size in self.sizes)
