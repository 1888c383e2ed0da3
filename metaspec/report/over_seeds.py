"""Runs that differ in their seed alone: means over seeds with 95 % intervals (Student's t), and their table."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Group:
    """Points that differ in their seed alone: what they set besides it, and by seed the runs that finished, and how
    the others ended."""

    settings: Mapping[str, str]
    runs: dict[str, Run] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return ", ".join(f"{path} = {value}" for path, value in self.settings.items()) or "all points"


def grouped(points: Sequence[tuple[Mapping[str, str], Run | str]]) -> list[Group]:
    """Points by what they set besides the seed; in the place of a run there may be how one without a result ended."""
    groups: dict[tuple, Group] = {}
    for settings, run in points:
        rest = {path: value for path, value in settings.items() if path != SEED}
        group = groups.setdefault(tuple(rest.items()), Group(rest))
        seed = settings.get(SEED, "")
        if isinstance(run, Run):
            group.runs[seed] = run
        else:
            group.left_out[seed] = run
    return list(groups.values())


def tables(groups: Sequence[Group]) -> list[str]:
    """The lines to be printed; none where no two finished points differ in their seed alone."""
    shown = {group.name: list(group.runs.values()) for group in groups if group.runs}
    counts = {len(runs) for runs in shown.values()}
    if not counts or max(counts) < 2:
        return []
    first = next(iter(shown.values()))[0]
    metric = leading(first.result.test)
    word, split = metric.replace("_", " "), first.plan.spec.evaluate.split
    lines = [f"means over {' or '.join(map(str, sorted(counts)))} seeds, 95 % intervals"]
    trained = {run.plan.steps for runs in shown.values() for run in runs}
    adapted = {name: adaptation(runs, metric) for name, runs in shown.items()}
    lines += table(f"{word} on test tasks after", "{} inner steps", adapted, {0, 1, *trained})
    curves = {name: curve(runs, metric) for name, runs in shown.items()}
    if all(curves.values()):
        title = f"{word} on {split} tasks, {first.plan.evaluation_steps} inner steps, after"
        lines += ["", *table(title, "{} meta-iterations", curves)]
    left_out = [line for group in groups for line in _left_out(group)]
    return [*lines, *([""] if left_out else []), *left_out]


def _left_out(group: Group) -> Iterator[str]:
    if group.left_out:
        ends = ", ".join(f"{seed} ({end})" for seed, end in group.left_out.items())
        yield f"not in the means: {group.name} with {SEED} = {ends}"


def as_json(group: Group, metric: str) -> dict[str, object]:
    """The means of one group by number of inner steps and by meta-iteration; None for what is not finite."""
    runs = list(group.runs.values())

    def listed(word: str, figures: Mapping[int, Figure]) -> list[dict[str, object]]:
        return [{word: each, "mean": figure.mean, "half_width": figure.half} for each, figure in figures.items()]

    return {
        "seeds": len(runs),
        "left_out": len(group.left_out),
        "metric": metric,
        "test": listed("steps", adaptation(runs, metric)) if runs else [],
        "curve": listed("iteration", curve(runs, metric)) if runs else [],
    }


def table(title: str, column: str, rows: Mapping[str, Mapping[int, Figure]], always: Collection[int] = ()) -> list[str]:
    """A line for each of `rows` and a column for some of the numbers that all of them have: the first, the last and
    those of `always` at least. The last line says which have none."""
    numbers = [each for each in next(iter(rows.values())) if all(each in row for row in rows.values())]
    shown = spread(numbers, _SHOWN, always)
    wide = max(len(title), *map(len, rows)) + 2
    heads = [column.format(number) for number in shown]
    width = max(17, *map(len, heads)) + 2
    lines = [f"{title:<{wide}}" + "".join(f"{head:<{width}}" for head in heads).rstrip()]
    for name, row in rows.items():
        lines.append(f"{name:<{wide}}" + "".join(f"{row[number].text():<{width}}" for number in shown).rstrip())
    if len(shown) < len(numbers):
        some, kind = len(numbers) - len(shown), column.removeprefix("{} ")
        lines.append(f"({some} of {len(numbers)} numbers of {kind} have no column; `--json` has all)")
    return lines


def spread(numbers: Sequence[int], count: int, always: Collection[int] = ()) -> list[int]:
    """`count` of them at most, evenly spaced, the first and the last among them; more only where `always` are more."""
    if len(numbers) <= count:
        return list(numbers)
    kept = {numbers[0], numbers[-1], *(each for each in numbers if each in always)}
    if len(kept) == 2:
        return [numbers[round(place * (len(numbers) - 1) / (count - 1))] for place in range(count)]
    # One after the other, whatever is farthest from what is there.
    while len(kept) < count:
        kept.add(max(numbers, key=lambda each: min(abs(each - there) for there in kept)))
    return sorted(kept)
