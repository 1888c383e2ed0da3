"""The whole IR: one validated spec, presets expanded, names resolved."""

from pydantic import Field, SerializeAsAny

from metaspec.spec.base import Frozen
from metaspec.spec.blocks import Evaluate, Expect, Sweep, Train
from metaspec.spec.kind import PARTS, Cluster, Inner, Metagrad, Model, Outer, Schedule, Task, in_this_process


class Spec(Frozen):
    """What is learned, how, and on what machines. Everything a plan is made from."""

    language: int = 1
    tasks: dict[str, SerializeAsAny[Task]]
    clusters: dict[str, SerializeAsAny[Cluster]] = {}
    models: dict[str, SerializeAsAny[Model]] = {}
    inner: SerializeAsAny[Inner]
    metagrad: SerializeAsAny[Metagrad]
    outer: SerializeAsAny[Outer]
    train: Train = Train()
    schedule: SerializeAsAny[Schedule] = Field(default_factory=in_this_process)
    evaluate: Evaluate = Evaluate()
    sweeps: dict[str, Sweep] = {}
    expect: Expect | None = None
    preset: str | None = None  # the name that `inner` had before it was expanded
    python: tuple[str, ...] = ()  # modules imported from files, by absolute path

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of the data that a run draws tasks from. Without updates nothing is trained, and only evaluated."""
        if self.train.iterations > 0:
            return PARTS
        measured = {"test"} if self.evaluate.every is None else {"test", self.evaluate.split}
        return tuple(part for part in PARTS if part in measured)

    @property
    def trained(self) -> tuple[str, ...]:
        """The task blocks trained on, in equal shares."""
        return self.train.on or tuple(self.tasks)

    @property
    def evaluated(self) -> tuple[str, ...]:
        """The task blocks evaluated on, in equal shares, whether or not they are trained on."""
        return self.evaluate.on or tuple(self.tasks)

    @property
    def used(self) -> tuple[str, ...]:
        """The task blocks of a run: those trained on, and behind them those that are evaluated on alone."""
        return tuple(dict.fromkeys((*self.trained, *self.evaluated)))
