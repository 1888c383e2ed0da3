"""The charts of a report: training, evaluation and adaptation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from metaspec.plan.model import Plan
from metaspec.report.adaptation import chance, rows
from metaspec.report.chart import Series, line_chart
from metaspec.report.markup import figure
from metaspec.runtime.result import Figures

_BINS = 250  # points of a training curve; the updates are averaged into so many

Line = dict[str, Any]


def training(updates: Sequence[Line], plan: Plan) -> Iterator[str]:
    """One chart for each metric of the updates."""
    names = list(dict.fromkeys(name for line in updates for name in line if name != "iteration"))
    for name in sorted(names, key=lambda each: each == "gradient_norm"):
        found = [(line["iteration"], line[name]) for line in updates if _number(line.get(name))]
        if len(found) > 1:
            yield figure(
                _binned(name, np.array(found, dtype=np.float64), _level(plan, name)), _caption(name, len(found), plan)
            )


def _binned(name: str, found: np.ndarray, level: tuple[str, float] | None) -> str:
    pieces = np.array_split(found, min(_BINS, len(found)))
    x = [float(piece[:, 0].mean()) for piece in pieces]
    y = [float(piece[:, 1].mean()) for piece in pieces]
    low, high = ([float(np.quantile(piece[:, 1], share)) for piece in pieces] for share in (0.1, 0.9))
    single = len(found) <= _BINS
    series = Series("", x, y, () if single else low, () if single else high)
    return line_chart([series], "meta-iteration", _words(name), share=name == "accuracy", level=level)


def _caption(name: str, count: int, plan: Plan) -> str:
    if name == "gradient_norm":
        what = "Norm of the meta-gradient of each meta-iteration"
    else:
        tasks = (
            f"the {plan.tasks_per_iteration:_} training tasks" if plan.tasks_per_iteration > 1 else "the training task"
        )
        what = f"Query items of {tasks} of each meta-iteration{_when(plan)}"
    if count <= _BINS:
        return f"{what}."
    return f"{what}; averaged over {count / _BINS:.3g} meta-iterations, of which the band holds the middle 80 %."


def _when(plan: Plan) -> str:
    """After which inner steps the metrics of an update are taken."""
    if plan.spec.metagrad.name == "joint":
        return ", without inner steps"
    if plan.spec.metagrad.carries or plan.spec.train.warm_start:
        return ", after the inner steps so far"
    return f", after {plan.steps:_} inner step{'' if plan.steps == 1 else 's'}" if plan.steps else ""


def _level(plan: Plan, metric: str) -> tuple[str, float] | None:
    value = chance(plan) if metric == "accuracy" else None
    return None if value is None else (f"chance {value:.3g}", value)


def evaluation(evaluations: Sequence[Line], metric: str, plan: Plan) -> str:
    """A metric on the evaluations during the run: before adaptation and after the last inner step."""
    found = [line for line in evaluations if line["split"] != "test" and metric in line["mean"]]
    if len(found) < 2:
        return ""
    last = len(found[0]["mean"][metric]) - 1
    series = [_over_time(found, metric, step) for step in dict.fromkeys((0, min(1, last), last))]
    tasks = f"{found[0]['tasks']:_} {found[0]['split']} tasks"
    caption = f"{tasks}, the same each time; bands are 95 % intervals of the mean."
    share = metric == "accuracy"
    return figure(
        line_chart(series, "meta-iteration", _words(metric), share=share, level=_level(plan, metric)), caption
    )


def _over_time(found: Sequence[Line], metric: str, step: int) -> Series:
    mean = [line["mean"][metric][step] for line in found]
    half = [line["half_width"][metric][step] for line in found]
    label = f"{step} inner step{'' if step == 1 else 's'}"
    return Series(label, [line["iteration"] for line in found], mean, *band(mean, half), points=len(found) <= 30)


def adaptation(test: Figures, metric: str, plan: Plan) -> str:
    """A metric against the number of inner steps on the test tasks."""
    table = [(row.steps, row.figures[metric]) for row in rows(test)]
    if len(table) < 2:
        return ""
    mean, half = [each.mean for _, each in table], [each.half for _, each in table]
    series = Series("", [step for step, _ in table], mean, *band(mean, half), points=True)
    caption = f"Mean over {test.tasks:_} {test.split} tasks; the band is its 95 % interval."
    share = metric == "accuracy"
    return figure(line_chart([series], "inner steps", _words(metric), share=share, level=_level(plan, metric)), caption)


def band(mean: Sequence[float | None], half: Sequence[float | None]) -> tuple[list[float | None], list[float | None]]:
    """The lower and the upper edge."""
    pairs = list(zip(mean, half, strict=True))
    low = [None if value is None or width is None else value - width for value, width in pairs]
    high = [None if value is None or width is None else value + width for value, width in pairs]
    return low, high


def _number(value: object) -> bool:
    return isinstance(value, int | float) and np.isfinite(value)


def _words(name: str) -> str:
    return name.replace("_", " ")
