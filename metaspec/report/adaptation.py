"""The adaptation to test tasks: the figures after each number of inner steps, and the sentence they make."""

from __future__ import annotations

from typing import NamedTuple

from metaspec.plan.model import Plan
from metaspec.runtime.result import Figures

_SHOWN = 12  # rows of a table; of more steps a selection


class Figure(NamedTuple):
    """A mean over tasks and half of its 95 % interval; None where it is not finite, or of one task."""

    mean: float | None
    half: float | None

    def text(self, sign: str = "±") -> str:
        if self.mean is None:
            return "not finite"
        return shown(self.mean) + (f" {sign} {shown(self.half)}" if self.half is not None else "")


_LARGE = 1e6  # a loss beyond is one that diverges, and its digits say nothing


def shown(value: float) -> str:
    """With four decimals; of a large number the power of ten."""
    return f"{value:.4f}" if abs(value) < _LARGE else f"{value:.4g}"


class Row(NamedTuple):
    steps: int
    figures: dict[str, Figure]


def rows(test: Figures) -> tuple[Row, ...]:
    """One for each number of inner steps from 0 on."""
    count = max((len(steps) for steps in test.mean.values()), default=0)
    return tuple(
        Row(step, {name: Figure(test.mean[name][step], test.half_width[name][step]) for name in test.mean})
        for step in range(count)
    )


def selected(table: tuple[Row, ...]) -> tuple[Row, ...]:
    """All rows, or of a long table those at 0, 1, 2, 5, 10, 20, 50, ... and the last."""
    if len(table) <= _SHOWN:
        return table
    kept = {0, len(table) - 1}
    kept |= {lead * 10**power for lead in (1, 2, 5) for power in range(7)}
    return tuple(row for row in table if row.steps in kept)


def leading(test: Figures) -> str:
    """The metric that the sentence and the pictures are about: accuracy or return, where there is one."""
    return next((name for name in ("accuracy", "return") if name in test.mean), next(iter(test.mean)))


def chance(plan: Plan) -> float | None:
    """The accuracy of guessing among the classes; None without classes, or where tasks differ in their number."""
    classes = {task.outputs if task.loss == "cross_entropy" else None for task in plan.evaluated}
    return None if len(classes) != 1 or None in classes else 1 / plan.evaluated[0].outputs


def sentence(plan: Plan, test: Figures) -> str:
    """What the figures mean, for a reader who has not seen such a table."""
    table, metric = rows(test), leading(test)
    before, after = table[0].figures[metric], table[-1].figures[metric]
    support = " or ".join(dict.fromkeys(f"{task.support:_}" for task in plan.evaluated))
    word = metric.replace("_", " ")
    level = chance(plan) if metric == "accuracy" else None
    guess = f" Guessing one of {plan.evaluated[0].outputs:_} classes would give {level:.4g}." if level else ""
    if len(table) == 1:
        return f"On {test.tasks:_} {test.split} tasks that training did not see, the {word} is {after.text()}.{guess}"
    steps = f"{len(table) - 1} inner step{'s' if len(table) > 2 else ''}"
    data = "" if support == "0" else f" on the {support} support items of a task"  # problems have no support set
    return (
        f"On {test.tasks:_} {test.split} tasks that training did not see, {steps}{data} "
        f"bring{'s' if len(table) == 2 else ''} the {word} from {before.text()} to {after.text()}.{guess}"
    )
