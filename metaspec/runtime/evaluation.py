"""Adaptation to held-out tasks, and what its figures mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.plan.model import Plan, Shard
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.engine import Engine, Failure, failed
from metaspec.runtime.metrics import json_numbers
from metaspec.runtime.protocol import Broadcast, Request

# Every evaluation draws the same tasks, so that two of them differ by what was learned and not by luck.
DRAW = 0

# The first of these that a task reports decides which checkpoint is the best.
_SCORES = {"accuracy": 1.0, "query_loss": -1.0}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures for each metric and each number of inner steps from 0 on.

    half_width: of the 95 % interval of the mean over tasks, t s / sqrt(n), with s the sample standard deviation and t
    Student's, of n - 1 degrees of freedom. None stands for a figure that is not finite, or an interval of a single task.
    """

    split: str
    tasks: int
    mean: dict[str, tuple[float | None, ...]]
    half_width: dict[str, tuple[float | None, ...]]

    def score(self) -> tuple[str, float] | None:
        """The metric to choose a checkpoint by and its value after the last step, higher being better."""
        for metric, sign in _SCORES.items():
            if metric in self.mean:
                value = self.mean[metric][-1]
                return metric, -np.inf if value is None else sign * value
        return None


def evaluate(plan: Plan, engine: Engine, meta: Broadcast, split: str, when: str) -> Evaluation:
    """Adapts `meta` to the tasks of a split. `when` says in words which evaluation it is."""
    return summarise(split, tables(plan, engine, meta, split, when))


def tables(plan: Plan, engine: Engine, meta: Broadcast, split: str, when: str) -> list[Arrays]:
    """The metrics of every task, (tasks, steps + 1), in the order of the shards."""
    shards = plan.execution.evaluation
    answers = engine.map([_request(shard, meta, split, when) for shard in shards])
    return [_table(answer) for answer in answers]


def summarise(split: str, tables: list[Arrays]) -> Evaluation:
    """From tables of (tasks, steps + 1) in the order of the shards. Metrics may be of some shards only."""
    names = dict.fromkeys(name for table in tables for name in table)
    rows = {name: np.concatenate([t[name] for t in tables if name in t]).astype(np.float64) for name in names}
    return Evaluation(
        split,
        sum(len(next(iter(table.values()))) for table in tables),
        {name: json_numbers(row.mean(axis=0)) for name, row in rows.items()},
        {name: half_widths(row) for name, row in rows.items()},
    )


def half_widths(values: np.ndarray) -> tuple[float | None, ...]:
    """Of the 95 % intervals of the means over tasks, the first axis, by Student's t: of four tasks they are wide."""
    from scipy.special import stdtrit  # a quarter of a second, for runs alone

    tasks, columns = values.shape
    if tasks < 2:
        return (None,) * columns
    with np.errstate(invalid="ignore"):  # an infinite loss has no deviation
        return json_numbers(stdtrit(tasks - 1, 0.975) * values.std(axis=0, ddof=1) / np.sqrt(tasks))


def _request(shard: Shard, meta: Broadcast, split: str, when: str) -> Request:
    last = shard.first + shard.count - 1
    name = f"shard {shard.index} (tasks {shard.first} to {last} of `{shard.task}`) of the {when}"
    return Request("evaluate", (split, DRAW, shard), name, meta)


def _table(answer: Arrays | Failure) -> Arrays:
    """An evaluation over other tasks than asked for would be another figure: no shard is left out."""
    if isinstance(answer, Failure):
        raise failed(answer)
    return answer
