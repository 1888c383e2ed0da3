from typing import Annotated, Literal

from annotated_types import Len

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.optimizer import LearnedInner, Weight, affine, normal
from metaspec.spec.values import Distribution

LEVELS = ("parameter", "tensor", "task")


class HierarchicalRnn(LearnedInner):
    """The learned optimizer of Wichrowska et al. 2017: recurrent cells per parameter, per tensor and per task.

    theta <- theta - exp(l + offset) * d / rms(d), with the direction d and the log rate l read from a cell at each
    parameter. Its inputs are gradients averaged over time scales and divided by their root mean squares; the cells of a
    tensor and of the task steer it. A step costs about 2,500 operations per parameter, whatever the number of tensors.

    Defaults are those of the original program except where it has a defect: `global_input = last` is what it computes
    (the cell of the task sees the last tensor only), `mean` what was meant. Switches have the original's names or plain
    ones; second derivatives are `metagrad.order`. Fewer than three `sizes` leave out the upper levels, which the
    original declares and cannot do.
    """

    cell: Literal["gru", "lstm"] = field("gru", doc="recurrent cell of all levels")
    sizes: Annotated[tuple[Count, ...], Len(1, 3)] = field(
        (10, 20, 20), doc="state sizes: parameter, tensor, task level"
    )
    global_input: Literal["mean", "last"] = field(
        "mean", doc="what the task level sees of the tensors: their mean, or as the original only the last of them"
    )
    min_lr: Positive = field(1e-6, doc="lower end of the rates that parameters start with")
    max_lr: Positive = field(1e-2, doc="upper end of the rates that parameters start with")
    max_log_lr: Positive = field(33.0, doc="bound on the size of the logarithm of a rate")
    scales: Count = field(4, doc="time scales of averaged gradients, each about twice as long as the one before")
    zero_lr_weights: bool = field(True, doc="whether the readout of the rate starts at 0")
    relative_lr: bool = field(True, doc="feature: the log rate against the mean of all")
    task_lr_mean: bool = field(True, doc="whether that mean is over the task, or over the tensor")
    log_means_squared: bool = field(True, doc="feature: log mean squares against their mean over the scales")
    gradient_products: bool = field(True, doc="feature: products of neighbouring scaled gradients")
    extreme_indicator: bool = field(False, doc="feature: how far the log rate is above 0 or below that of 1e-6")
    lr_shortcut: bool = field(False, doc="feature: the log rate itself, against that of 1e-3")
    gradient_shortcut: bool = field(True, doc="whether scaled gradients enter the direction directly")
    output_scale: bool = field(
        True, doc="whether directions have unit length and rates are learned; else the rate is 1"
    )
    attention: bool = field(
        False, doc="whether gradients are taken at a point ahead, with a readout that starts as the step's"
    )
    learnable_decay: bool = field(True, doc="whether the cells choose the decays of averages, or they are constant")
    learnable_input_decay: bool = field(True, doc="the same for the averages of gradients alone")
    multiple_scale_decays: bool = field(False, doc="whether the squares of each time scale have a decay of their own")
    learnable_start: bool = field(True, doc="whether the states that cells start with are learned, or drawn")
    cell_scale: Positive = field(0.5, doc="deviation of a cell's kernel at the start, times the root of its inputs")
    gate_bias: float = field(2.2, doc="bias of gates at the start; of an lstm that of the forget gate")
    readout_scale: Positive = field(0.5, doc="the same deviation for readouts")
    scale_decay_start: float = field(3.2, doc="logit of the decay of squares at the start")
    input_decay_start: float = field(2.2, doc="logit of the decay of gradients at the start")
    rate_momentum_start: float = field(3.2, doc="logit of the share of a rate that is kept, at the start")
    step_offset_start: float = field(-1.0, doc="logarithm of the factor of every step, at the start")
    affine_scale: Positive = field(0.5, doc="the same deviation for what one level tells another")

    @property
    def levels(self) -> tuple[str, ...]:
        """Those that have cells."""
        return LEVELS[: len(self.sizes)]

    @property
    def states(self) -> tuple[int, ...]:
        """Numbers in the state of each level."""
        return tuple(size * (2 if self.cell == "lstm" else 1) for size in self.sizes)

    @property
    def features(self) -> int:
        """Numbers that enter the cell of a parameter."""
        products = self.scales - 1 if self.gradient_products else 0
        logs = self.scales if self.log_means_squared else 0
        return self.scales + products + logs + self.relative_lr + self.extreme_indicator + self.lr_shortcut

    @property
    def extended(self) -> bool:
        """Whether the cells of tensors see the features; the original withholds them where there are no extra ones."""
        return self.features > self.scales

    def tensors(self) -> tuple[Weight, ...]:
        own = self.sizes[0]
        found = [
            weight for level, size in zip(self.levels, self.states, strict=True) for weight in self._start(level, size)
        ]
        found += affine("update", own, 1, self.readout_scale, None)
        if self.learnable_decay:
            found += affine("scale_decay", own, 1, self.readout_scale, self.scale_decay_start)
        if self.learnable_decay and self.learnable_input_decay and self.scales > 1:
            found += affine("input_decay", own, 1, self.readout_scale, self.input_decay_start)
        if self.output_scale:
            rate, bias = affine("rate", own, 1, self.readout_scale)
            found += [rate.model_copy(update={"start": 0.0}) if self.zero_lr_weights else rate, bias]
            found += [Weight(name="rate_momentum", shape=(), start=self.rate_momentum_start)]
            found += [Weight(name="step_offset", shape=(), start=self.step_offset_start)]
        if self.gradient_shortcut:
            found += [self._shortcut("shortcut")]
        if self.attention:
            (kernel,) = affine("attention", own, 1, self.readout_scale, None)
            found += [kernel.model_copy(update={"drawn_with": "update.kernel"})]
            found += [self._shortcut("attention_shortcut")] if self.gradient_shortcut else []
        for above, width in list(zip(self.levels, self.sizes, strict=True))[1:]:
            found += affine(f"parameter.from_{above}", width, self._steering(own), self.affine_scale)
        found += self._cell("parameter", self.features, own)
        if len(self.sizes) > 1:
            pooled = own + (self.features if self.extended else 0)
            found += self._cell("tensor", pooled, self.sizes[1])
        if len(self.sizes) > 2:
            found += affine("tensor.from_task", self.sizes[2], self._steering(self.sizes[1]), self.affine_scale)
            found += self._cell("task", self.sizes[1], self.sizes[2])
        return tuple(found)

    def _steering(self, size: int) -> int:
        return size * (4 if self.cell == "lstm" else 3)

    def _start(self, level: str, size: int) -> list[Weight]:
        drawn = Distribution(distribution="uniform", arguments=(-1.0, 1.0))
        return [Weight(name=f"{level}.start", shape=(size,), start=drawn)] if self.learnable_start else []

    def _shortcut(self, name: str) -> Weight:
        start = normal(1 / self.scales, 0.1 / self.scales**0.5)
        return Weight(name=f"{name}.kernel", shape=(self.scales, 1), start=start)

    def _cell(self, level: str, inputs: int, size: int) -> tuple[Weight, ...]:
        wide = inputs + size
        if self.cell == "gru":
            gates = affine(f"{level}.gates", wide, 2 * size, self.cell_scale, self.gate_bias)
            return (*gates, *affine(f"{level}.candidate", wide, size, self.cell_scale))
        (kernel,) = affine(f"{level}.gates", wide, 4 * size, self.cell_scale, None)
        forget = Weight(name=f"{level}.forget.bias", shape=(size,), start=self.gate_bias)
        return (kernel, forget, Weight(name=f"{level}.gates.bias", shape=(3 * size,), start=0.0))

    def own_memory(self) -> int:
        """The cell at each parameter, averages and squares of each scale, two decays and a rate; a point ahead."""
        return self.states[0] + 2 * self.scales + 3 + self.attention

    def works_with(self) -> int:
        """Features, and the gates of the cell at each parameter before and after their nonlinearities."""
        return 2 * (self.features + self._steering(self.sizes[0]))
