"""Shapes that the plan knows without running anything: a task's signature, a model's parameters, its cost."""

from dataclasses import dataclass
from math import prod
from typing import Literal, NamedTuple

from metaspec.spec.base import Frozen

Loss = Literal["mean_squared_error", "cross_entropy", "objective", "return"]
Role = Literal["kernel", "bias", "scale", "shift", "inputs", "mean", "variance"]


@dataclass(frozen=True)
class Signature:
    """What a task feeds a model and wants of it."""

    inputs: tuple[int, ...]  # shape of one input, without task and item axes
    outputs: int  # width of the output: classes, or regression targets
    loss: Loss
    support: int  # items in the support set, at the most
    query: int

    @property
    def classifies(self) -> bool:
        return self.loss == "cross_entropy"

    @property
    def acts(self) -> bool:
        """Whether outputs are the mean of an action, and the items steps of trajectories."""
        return self.loss == "return"


class Parameter(Frozen):
    """One parameter tensor of a model: `LAYER.ROLE`, its shape without the task axis, and its fans."""

    layer: str
    role: Role
    shape: tuple[int, ...]
    fan_in: int
    fan_out: int

    @property
    def name(self) -> str:
        return f"{self.layer}.{self.role}"

    @property
    def parts(self) -> tuple[str, str, str]:
        """The parts of a model that it belongs to, as `adapt` and tables by part name them."""
        return self.layer, self.role, self.name

    @property
    def size(self) -> int:
        return prod(self.shape)


class Cost(NamedTuple):
    """Of one item's forward pass."""

    operations: int  # floating-point operations
    activations: int  # numbers kept for the backward pass


class Sizes(NamedTuple):
    """Numbers of one task that a meta-gradient may have to keep."""

    state: int  # the parameters, and what the inner method remembers besides
    first: int  # of an inner step under a tape
    second: int  # the same where its gradient is differentiated
    query: int  # of the query set's forward pass
    steps: int


def dense(layer: str, inputs: int, outputs: int) -> tuple[Parameter, Parameter]:
    """Kernel (inputs, outputs) and bias (outputs) of a fully connected layer."""
    fans = {"fan_in": inputs, "fan_out": outputs}
    return (
        Parameter(layer=layer, role="kernel", shape=(inputs, outputs), **fans),
        Parameter(layer=layer, role="bias", shape=(outputs,), **fans),
    )


def conditioning(count: int) -> Parameter:
    """Inputs of a model that are parameters: the context that CAVIA adapts (Zintgraf et al. 2019)."""
    return Parameter(layer="context", role="inputs", shape=(count,), fan_in=count, fan_out=count)


def elements(shape: tuple[int, ...]) -> int:
    """How many numbers a tensor of this shape holds; one for a scalar."""
    return prod(shape)
