"""What is differentiated, where the spec leaves it open."""

from collections.abc import Mapping
from typing import Literal

from metaspec.spec.blocks import Train
from metaspec.spec.kind import Inner, Task
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.spec import Spec
from metaspec.spec.values import MultiStep, Weighted

Objective = Literal["final", "mean", "log"] | Weighted | MultiStep


def objective_of(spec: Spec) -> Objective:
    """The objective of a spec."""
    return objective_in(spec.train, spec.inner, spec.tasks)


def objective_in(train: Train, inner: Inner, tasks: Mapping[str, Task]) -> Objective:
    """By default the mean over the inner steps for optimizers and problems, else the last."""
    if train.objective is not None:
        return train.objective
    optimizes = isinstance(inner, LearnedInner) or any(task.brings_model for task in tasks.values())
    return "mean" if optimizes else "final"
