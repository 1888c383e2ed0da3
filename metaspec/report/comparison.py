"""Finished runs beside each other: figures with intervals, and the difference of each from the first, task by task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from metaspec.diagnostics import error
from metaspec.report.adaptation import Figure, leading
from metaspec.report.over_seeds import interval
from metaspec.report.points import Place, partners, places
from metaspec.report.reading import Run
from metaspec.runtime import test_tasks
from metaspec.runtime.errors import RunError
from metaspec.runtime.progress import duration
from metaspec.sweep import written


@dataclass(frozen=True, slots=True)
class Paired:
    """The differences from the first run over the same test tasks.

    difference: this run's figure minus the first one's, a mean over tasks with the half width of its 95 % interval
    (Student's t). p: of the signed-rank test of Wilcoxon 1945, two-sided; 1 where no task differs.
    """

    difference: Figure
    p: float


@dataclass(frozen=True, slots=True)
class Compared:
    """One run of the table. `paired` is None for a first run, and where `apart` says why tasks cannot be paired.

    place: the point that it is, where the runs are those of one sweep.
    """

    name: str
    folder: str
    tasks: int
    figure: Figure
    paired: Paired | None
    apart: str
    trained: int  # tasks seen in training
    seconds: float
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Pooled:
    """Points that differ in their seed alone: means over seeds with 95 % intervals (Student's t).

    difference: of the mean paired differences of the single seeds, `paired` of them; None for the first method.
    """

    name: str
    seeds: int
    figure: Figure
    difference: Figure | None
    paired: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """All runs, and the metric that is compared, after the last evaluated step; of a sweep also its methods."""

    metric: str
    runs: tuple[Compared, ...]
    methods: tuple[Pooled, ...] = ()


def compared(runs: Sequence[Run], metric: str | None = None) -> Comparison:
    """The table of two runs or more. Raises RunError for a run that is not finished or lacks the metric."""
    for run in runs:
        if run.result is None:
            raise RunError(
                error("E0708", f"the run in {run.folder.path} is not finished", help=("let it finish with --resume",))
            )
    metric = metric or leading(runs[0].result.test)
    for run in runs:
        if metric not in run.result.test.mean:
            legal = ", ".join(run.result.test.mean)
            raise RunError(error("E0711", f"the run in {run.folder.path} has no `{metric}`", help=(f"it has {legal}",)))
    found = places(runs)
    if found is None:
        return Comparison(metric, tuple(_row(run, runs[0], metric) for run in runs))
    with_whom = [None if place is None else runs[place] for place in partners(found)]
    rows = tuple(
        replace(_row(run, first, metric), name=f"{run.folder.path.name}: {written(place.settings)}", place=place)
        for run, first, place in zip(runs, with_whom, found, strict=True)
    )
    return Comparison(metric, rows, _methods(rows))


def _methods(rows: Sequence[Compared]) -> tuple[Pooled, ...]:
    """One for each method and setting, where some of them have several seeds."""
    groups: dict[str, list[Compared]] = {}
    for row in rows:
        groups.setdefault(row.place.group, []).append(row)
    if max(map(len, groups.values())) < 2:
        return ()
    pooled = []
    for name, own in groups.items():
        differences = [each.paired.difference.mean for each in own if each.paired]
        difference = interval(differences) if differences else None
        figure = interval([each.figure.mean for each in own])
        pooled.append(Pooled(name or "all points", len(own), figure, difference, len(differences)))
    return tuple(pooled)


def _row(run: Run, first: Run | None, metric: str) -> Compared:
    test, result = run.result.test, run.result
    figure = Figure(test.mean[metric][-1], test.half_width[metric][-1])
    trained = result.iterations * run.plan.tasks_per_iteration
    apart = "" if run is first else _apart(run, first)
    paired = None
    if first is not None and run is not first and not apart:
        ours, theirs = (test_tasks.load(each.folder.test_tasks)[metric][:, -1] for each in (run, first))
        paired = pair(ours.astype(np.float64), theirs.astype(np.float64))
    path = str(run.folder.path)
    return Compared(path, path, test.tasks, figure, paired, apart, trained, result.training_seconds)


def _apart(run: Run, first: Run | None) -> str:
    """Why the tasks of two runs cannot be paired; empty where they can."""
    if first is None:
        return "the point of the first method with the same other axes is not here"
    if not all(each.folder.test_tasks.exists() for each in (run, first)):
        return "a run kept no figures of single tasks"
    if test_tasks.identity(run.plan) != test_tasks.identity(first.plan):
        return "other test tasks"
    return ""


def pair(ours: np.ndarray, theirs: np.ndarray) -> Paired:
    """The differences of two runs over the same tasks, both (tasks,)."""
    from scipy import stats  # a third of a second, for this command alone

    differences = ours - theirs
    differences = differences[np.isfinite(differences)]
    count = len(differences)
    if count < 2:
        return Paired(Figure(float(differences.mean()) if count else None, None), 1.0)
    half = stats.t.ppf(0.975, count - 1) * differences.std(ddof=1) / np.sqrt(count)
    p = float(stats.wilcoxon(differences).pvalue) if differences.any() else 1.0
    return Paired(Figure(float(differences.mean()), float(half)), p)


HEAD = ("run", "tasks", "{metric}", "difference", "p", "trained on", "training")


def render(comparison: Comparison, plain: bool = False) -> str:
    """The table as text, and below it what its columns mean."""
    sign = "+-" if plain else "±"
    head = tuple(name.format(metric=comparison.metric) for name in HEAD)
    table = [head, *(_cells(each, sign) for each in comparison.runs)]
    widths = [max(len(row[place]) for row in table) for place in range(len(head))]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([*lines, *_pooled(comparison, sign), "", *_notes(comparison)])


def _pooled(comparison: Comparison, sign: str) -> Iterator[str]:
    """The table of methods, below an empty line."""
    if not comparison.methods:
        return
    rows = [("over seeds", "seeds", comparison.metric, "difference")]
    for each in comparison.methods:
        difference = each.difference.text(sign) if each.difference else ""
        difference += f" of {each.paired} of them" if 0 < each.paired < each.seeds else ""
        rows.append((each.name, str(each.seeds), each.figure.text(sign), difference))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    yield ""
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(each: Compared, sign: str) -> tuple[str, ...]:
    difference, p = (
        ("", "") if each.paired is None else (each.paired.difference.text(sign), _probability(each.paired.p))
    )
    if each.apart:
        difference = "not paired"
    trained = f"{each.trained:_} tasks"
    return each.name, f"{each.tasks:_}", each.figure.text(sign), difference, p, trained, duration(each.seconds)


def _probability(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"


def _notes(comparison: Comparison) -> Iterator[str]:
    yield "Means over the test tasks after the last inner step, with 95 % intervals."
    if any(each.paired for each in comparison.runs):
        whom = "the first run"
        if comparison.runs[0].place:
            whom = "the point of the first method with the same other axes and seed"
        yield (
            f"difference: from {whom}, over the same tasks one by one, with the 95 % interval of its mean; "
            "p: Wilcoxon's signed-rank test."
        )
    if comparison.methods:
        yield "over seeds: means of the seeds' figures and differences, with 95 % intervals over seeds (Student's t)."
    for why, names in _apart_by_reason(comparison).items():
        who = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        yield f"{who}: {why}, so that only the intervals can be compared."


_NAMED = 4  # runs that a note names


def _apart_by_reason(comparison: Comparison) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in comparison.runs:
        if each.apart:
            found.setdefault(each.apart, []).append(Path(each.folder).name if each.place else each.name)
    return found


def as_json(comparison: Comparison) -> dict:
    """The table as one JSON object; None for what is not there."""
    return {
        "metric": comparison.metric,
        "runs": [
            {
                "run": each.folder,
                **({"point": dict(each.place.settings)} if each.place else {}),
                "tasks": each.tasks,
                "mean": each.figure.mean,
                "half_width": each.figure.half,
                "difference": each.paired and each.paired.difference.mean,
                "difference_half_width": each.paired and each.paired.difference.half,
                "p": each.paired and each.paired.p,
                "not_paired": each.apart or None,
                "training_tasks": each.trained,
                "training_seconds": each.seconds,
            }
            for each in comparison.runs
        ],
        "over_seeds": [
            {
                "method": each.name,
                "seeds": each.seeds,
                "paired_seeds": each.paired,
                "mean": each.figure.mean,
                "half_width": each.figure.half,
                "difference": each.difference and each.difference.mean,
                "difference_half_width": each.difference and each.difference.half,
            }
            for each in comparison.methods
        ],
    }
