"""What is differentiated, where the spec leaves it open."""

from typing import Literal

from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.spec import Spec
from metaspec.spec.values import MultiStep, Weighted


def objective_of(spec: Spec) -> Literal["final", "mean", "log"] | Weighted | MultiStep:
    """The objective of a spec: by default the mean over the inner steps for optimizers and problems, else the last."""
    if spec.train.objective is not None:
        return spec.train.objective
    optimizes = isinstance(spec.inner, LearnedInner) or any(task.brings_model for task in spec.tasks.values())
    return "mean" if optimizes else "final"
