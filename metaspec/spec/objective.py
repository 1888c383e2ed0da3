"""What is differentiated, where the spec leaves it open."""

from collections.abc import Mapping
from typing import Literal, Protocol

from metaspec.spec.blocks import Train
from metaspec.spec.kind import Inner, Task
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.values import MultiStep, Weighted

Objective = Literal["final", "mean", "log"] | Weighted | MultiStep


class Blocks(Protocol):
    """The blocks that decide: of a spec, or of one that is still being checked."""

    @property
    def tasks(self) -> Mapping[str, Task]: ...

    @property
    def inner(self) -> Inner: ...

    @property
    def train(self) -> Train: ...


def objective_of(spec: Blocks) -> Objective:
    """The objective of a spec: by default the mean over the inner steps for optimizers and problems, else the last."""
    if spec.train.objective is not None:
        return spec.train.objective
    optimizes = isinstance(spec.inner, LearnedInner) or any(task.brings_model for task in spec.tasks.values())
    return "mean" if optimizes else "final"
