"""What a run ends with: result.json and the meta-parameters."""

from __future__ import annotations

import json
import operator
from pathlib import Path
from typing import Literal

from pydantic import Field
from safetensors import numpy as safetensors

from metaspec.runtime import files
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.errors import disk
from metaspec.runtime.evaluation import Evaluation
from metaspec.spec.base import Frozen
from metaspec.spec.blocks import Condition, Expect

FORMAT = 1

_RELATIONS = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}


class Figures(Frozen):
    """An evaluation, as `metaspec.runtime.evaluation.Evaluation` describes it."""

    split: str
    tasks: int
    mean: dict[str, tuple[float | None, ...]]
    half_width: dict[str, tuple[float | None, ...]]


class Verdict(Frozen):
    """One condition of `expect`, against the mean over the test tasks after the last evaluated step."""

    metric: str
    relation: str
    bound: float
    value: float | None  # None where the metric is not reported, or not finite
    met: bool


class Contender(Frozen):
    """A method on the test tasks of one block: its curve log(f_t / f_0) over inner steps from 0 on, a mean over tasks.

    half_width: of the 95 % interval. ahead: the evaluated method's value after the last step minus this one's, a mean
    over tasks; below 0 where the evaluated method is better. outcome, for the evaluated method: a win or a loss where
    the interval of `ahead` is without 0, or one of the two alone is finite.
    """

    name: str
    rate: float | None  # the tuned step size; None for the evaluated method itself
    at_the_end_of_the_grid: bool
    mean: tuple[float | None, ...]
    half_width: tuple[float | None, ...]
    ahead: float | None
    ahead_half_width: float | None
    outcome: Literal["win", "loss", "even", ""] = ""


class Comparison(Frozen):
    """The evaluated method, which comes first, and tuned baselines on the test tasks of one block."""

    task: str
    tasks: int
    contenders: tuple[Contender, ...]


class Result(Frozen):
    """The end of a run."""

    format: int = FORMAT
    name: str
    iterations: int
    kept: int  # the iteration whose meta-parameters the test figures come from
    test: Figures
    expect: tuple[Verdict, ...] = ()
    against: tuple[Comparison, ...] = ()
    skipped: int = 0  # tasks left out of training by `on_failure = skip`
    seconds: float  # of work, over all resumptions
    training_seconds: float  # of them, in outer updates
    tasks_per_second: float  # training tasks over training seconds
    parameters: str  # hash of the kept meta-parameters
    state: str  # hash of the meta-parameters and the outer state after the last update
    folder: Path | None = Field(None, exclude=True)  # where the run lies now; not part of result.json

    @property
    def as_expected(self) -> bool:
        return all(verdict.met for verdict in self.expect)


def figures(evaluation: Evaluation) -> Figures:
    return Figures(
        split=evaluation.split, tasks=evaluation.tasks, mean=evaluation.mean, half_width=evaluation.half_width
    )


def judge(expect: Expect | None, test: Evaluation) -> tuple[Verdict, ...]:
    """Each condition of `expect`, met or not. A figure that is missing or not finite meets none."""
    return tuple(_verdict(condition, test) for condition in (expect.conditions if expect else ()))


def _verdict(condition: Condition, test: Evaluation) -> Verdict:
    steps = test.mean.get(condition.metric)
    value = steps[-1] if steps else None
    met = value is not None and _RELATIONS[condition.relation](value, condition.bound)
    return Verdict(metric=condition.metric, relation=condition.relation, bound=condition.bound, value=value, met=met)


def save(path: Path, result: Result) -> None:
    files.replace(path, json.dumps(result.model_dump(mode="json"), indent=1).encode())


def load(path: Path) -> Result:
    with disk(path):
        return Result.model_validate_json(path.read_bytes())


def save_parameters(path: Path, meta: Arrays) -> None:
    files.replace(path, safetensors.save(meta))


def load_parameters(path: Path) -> Arrays:
    """The meta-parameters that a finished run kept, by the keys of `plan.meta` behind `meta/`."""
    with disk(path):
        return safetensors.load(path.read_bytes())
