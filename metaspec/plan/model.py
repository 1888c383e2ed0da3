"""The Plan: what a run does, as data. It is JSON, it prints, and it is exactly what a worker receives.

Everything in it that can change a bit of the result is chosen from the spec and declared constants alone;
measured times, free memory and the number of workers never enter.
"""

from math import prod
from typing import Literal

from metaspec.spec.base import Frozen
from metaspec.spec.shapes import Loss, Parameter
from metaspec.spec.spec import Spec
from metaspec.spec.values import Initializer, Load, Scale

FORMAT = 1


class TaskPlan(Frozen):
    """A task block: what it feeds the model, and where its items lie."""

    name: str
    inputs: tuple[int, ...]
    outputs: int
    loss: Loss
    support: int
    query: int
    location: str | None = None  # absolute path of the files, where there are any
    fingerprint: str | None = None  # of the data's class table
    classes: dict[str, int] = {}  # split -> classes, rotations included


class MetaTensor(Frozen):
    """One tensor of a meta-parameter.

    `key` is the meta-parameter's name, and behind a slash the model parameter it belongs to, where it has one
    tensor for each. The tensor holds the value itself, or its logarithm where `scale` is log.
    """

    key: str
    meta_parameter: str
    shape: tuple[int, ...]
    start: float | Initializer | Load
    fan_in: int = 1
    fan_out: int = 1
    scale: Scale = "linear"
    min: float | None = None
    max: float | None = None

    @property
    def size(self) -> int:
        return prod(self.shape)


class Shard(Frozen):
    """Tasks that travel to a worker together: `count` of them from number `first` on."""

    index: int
    task: str  # the task block
    first: int
    count: int


class Execution(Frozen):
    """How a meta-iteration is executed. Nothing here depends on the number of workers."""

    mode: Literal["stretches", "shards"]
    stretch: int  # meta-iterations in one call, for mode `stretches`
    chunk: int  # tasks that stand on the task axis at once
    shards: tuple[Shard, ...]  # of one meta-iteration
    evaluation: tuple[Shard, ...]  # of one evaluation
    compiled: bool  # whether graphs go through XLA


class Estimate(Frozen):
    """Counted from shapes, not measured."""

    operations: int  # floating-point operations of one task's meta-gradient
    memory: int  # bytes kept for the backward pass of one chunk
    exchanged: int  # bytes that a shard's result carries


class Plan(Frozen):
    """One run: a spec without open choices, the shapes of everything, and the execution."""

    format: int = FORMAT
    name: str  # of the spec's file, without its ending; names the run's folder
    spec: Spec
    tasks: tuple[TaskPlan, ...]
    parameters: tuple[Parameter, ...]  # of the model, in order
    meta: tuple[MetaTensor, ...]
    steps: int  # inner steps in training
    evaluation_steps: int
    tasks_per_iteration: int
    execution: Execution
    estimate: Estimate
    reasons: tuple[str, ...]  # why the execution is what it is, in sentences
