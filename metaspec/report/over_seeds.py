"""Runs that differ in their seed alone: means over seeds with 95 % intervals (Student's t), and their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from scipy.stats import t

from metaspec.report.adaptation import Figure, leading
from metaspec.report.reading import Run

SEED = "train.seed"
_SHOWN = 6  # columns of a table


def interval(values: Sequence[float | None]) -> Figure:
    """The mean and half the interval of one figure over seeds; no interval of one seed."""
    found = np.array([np.nan if value is None else value for value in values], np.float64)
    if not np.isfinite(found).all():
        return Figure(None, None)
    if len(found) < 2:
        return Figure(float(found[0]), None)
    return Figure(float(found.mean()), float(t.ppf(0.975, len(found) - 1) * found.std(ddof=1) / sqrt(len(found))))


def curve(runs: Sequence[Run], metric: str) -> dict[int, Figure]:
    """By meta-iteration, for those that all runs evaluated: `metric` after the last inner step."""
    found = [
        {line["iteration"]: line["mean"][metric][-1] for line in run.evaluations if line["split"] != "test"}
        for run in runs
    ]
    return {
        number: interval([each[number] for each in found]) for number in found[0] if all(number in f for f in found)
    }


def adaptation(runs: Sequence[Run], metric: str) -> dict[int, Figure]:
    """By number of inner steps: `metric` on the test tasks."""
    found = [run.result.test.mean[metric] for run in runs if run.result]
    return {step: interval([each[step] for each in found]) for step in range(min(map(len, found)))}


def grouped(points: Sequence[tuple[Mapping[str, str], Run]]) -> dict[str, list[Run]]:
    """Runs by what they set besides the seed."""
    groups: dict[str, list[Run]] = {}
    for settings, run in points:
        name = ", ".join(f"{path} = {value}" for path, value in settings.items() if path != SEED)
        groups.setdefault(name or "all points", []).append(run)
    return groups


def tables(points: Sequence[tuple[Mapping[str, str], Run]]) -> list[str]:
    """The lines to be printed; none where no two points differ in their seed alone."""
    groups = {name: runs for name, runs in grouped(points).items() if len(runs) > 1}
    if not groups:
        return []
    first = next(iter(groups.values()))[0]
    metric = leading(first.result.test)
    word, split = metric.replace("_", " "), first.plan.spec.evaluate.split
    steps = first.plan.evaluation_steps
    lines = [f"means over {' or '.join(sorted({str(len(runs)) for runs in groups.values()}))} seeds, 95 % intervals"]
    lines += table(
        f"{word} on test tasks after", "{} inner steps", {k: adaptation(v, metric) for k, v in groups.items()}
    )
    curves = {name: curve(runs, metric) for name, runs in groups.items()}
    if all(curves.values()):
        title = f"{word} on {split} tasks, {steps} inner steps, after"
        lines += ["", *table(title, "{} meta-iterations", curves)]
    return lines


def table(title: str, column: str, rows: Mapping[str, Mapping[int, Figure]]) -> list[str]:
    """A line for each of `rows` and a column for some of the numbers that all of them have, the last one included."""
    numbers = [each for each in next(iter(rows.values())) if all(each in row for row in rows.values())]
    shown = spread(numbers, _SHOWN)
    wide = max(len(title), *map(len, rows)) + 2
    heads = [column.format(number) for number in shown]
    width = max(17, *map(len, heads)) + 2
    lines = [f"{title:<{wide}}" + "".join(f"{head:<{width}}" for head in heads).rstrip()]
    for name, row in rows.items():
        lines.append(f"{name:<{wide}}" + "".join(f"{row[number].text():<{width}}" for number in shown).rstrip())
    return lines


def spread(numbers: Sequence[int], count: int) -> list[int]:
    """`count` of them at most, evenly spaced, the first and the last among them."""
    if len(numbers) <= count:
        return list(numbers)
    return [numbers[round(place * (len(numbers) - 1) / (count - 1))] for place in range(count)]
