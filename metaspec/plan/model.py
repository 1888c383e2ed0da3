"""The Plan: what a run does, as data. It is JSON, it prints, and it is exactly what a worker receives.

Everything in it that can change a bit of the result is chosen from the spec and declared constants alone;
measured times, free memory and the number of workers never enter.
"""

from typing import Literal

from metaspec.cluster.members import Member
from metaspec.spec.base import Frozen
from metaspec.spec.meta_tensors import MetaTensor
from metaspec.spec.shapes import Loss, Parameter, Signature
from metaspec.spec.spec import Spec

FORMAT = 1


class Instance(Frozen):
    """One instance of a task block; a block that is no pool has one, that stands for all of its tasks.

    Instances of equal `shape` share one compiled graph and may stand on one task axis together.
    """

    shape: str
    operations: int  # floating-point operations of a task's meta-gradient


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
    instances: tuple[Instance, ...] = ()  # in the order of their numbers

    @property
    def signature(self) -> Signature:
        return Signature(self.inputs, self.outputs, self.loss, self.support, self.query)


class Shard(Frozen):
    """Tasks that travel to a worker together: `count` of them from number `first` on."""

    index: int
    task: str  # the task block
    first: int
    count: int
    draws: int | None = None  # index of the shard whose tasks these are, where shards differ in particles alone
    share: float = 1.0  # of its tasks' estimate
    cluster: str | None = None
    instances: tuple[int, ...] = ()  # of a block that is a pool: which instance each of the tasks is

    @property
    def worth(self) -> float:
        """How many tasks' estimates this is."""
        return self.count * self.share


class ClusterPlan(Frozen):
    """A cluster: its tasks of one meta-iteration, and what they are expected to cost.

    `members` is empty where only the run can tell them, from gradients or adapted parameters; the cost is then that
    of a mean instance of the block.
    """

    name: str
    block: str  # the block that declares it, alone or with others
    tasks: int
    members: tuple[Member, ...]
    operations: int  # of a mean task's meta-gradient
    seconds: float  # of a meta-iteration's tasks, predicted from operations


class Group(Frozen):
    """A cluster group: clusters that are placed together. It decides who computes a shard, and no bit of the result."""

    clusters: tuple[str, ...]
    seconds: float  # predicted


class Execution(Frozen):
    """How a meta-iteration is executed. Nothing here depends on the number of workers."""

    mode: Literal["stretches", "shards", "copies"]
    stretch: int  # meta-iterations in one call, for mode `stretches`
    chunk: int  # tasks that stand on the task axis at once
    evaluated: int | None = None  # the same in an evaluation, where it is another number
    shards: tuple[Shard, ...]  # of one meta-iteration, in mode `copies` of one update; with clusters of the first
    evaluation: tuple[Shard, ...]  # of one evaluation
    compiled: bool  # whether graphs go through XLA
    particles: int = 0  # of each task in one shard, for meta-gradients from perturbations
    clusters: tuple[ClusterPlan, ...] = ()
    groups: tuple[Group, ...] = ()
    shard_operations: int = 0  # about the arithmetic of one shard of a cluster

    @property
    def evaluation_chunk(self) -> int:
        """Tasks that stand on the task axis at once in an evaluation."""
        return self.chunk if self.evaluated is None else self.evaluated


class Estimate(Frozen):
    """Counted from shapes, not measured."""

    operations: int  # floating-point operations of one task's meta-gradient, the mean over task blocks
    memory: int  # bytes that a shard's meta-gradient keeps: of one chunk, or of the particles that run at once
    exchanged: int  # bytes that a shard's result carries


class Plan(Frozen):
    """One run: a spec without open choices, the shapes of everything, and the execution."""

    format: int = FORMAT
    name: str  # of the spec's file, without its ending; names the run's folder
    spec: Spec
    tasks: tuple[TaskPlan, ...]  # those trained on first, then those evaluated on alone
    parameters: tuple[Parameter, ...]  # of the model, in order
    meta: tuple[MetaTensor, ...]
    steps: int  # inner steps in training
    evaluation_steps: int
    tasks_per_iteration: int
    execution: Execution
    estimate: Estimate
    reasons: tuple[str, ...]  # why the execution is what it is, in sentences

    @property
    def evaluated(self) -> tuple[TaskPlan, ...]:
        """The task blocks that figures are of, in the order of the evaluation's shards."""
        blocks = {task.name: task for task in self.tasks}
        return tuple(blocks[name] for name in dict.fromkeys(shard.task for shard in self.execution.evaluation))

    @property
    def tasks_per_update(self) -> int:
        """Tasks of one outer update; copies that exchange weights make several in a meta-iteration."""
        exchange = getattr(self.spec.schedule, "exchange", None)
        return self.tasks_per_iteration // (exchange.updates if exchange else 1)

    def __str__(self) -> str:
        """What `metaspec plan` prints."""
        from metaspec.plan.render import render  # it reads this module

        return render(self)
