"""The comparison with tuned baselines: a table for page and terminal, and curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from metaspec.report.adaptation import Figure
from metaspec.report.chart import Series, line_chart
from metaspec.report.curves import band
from metaspec.report.markup import charts, figure, paragraph, section, table
from metaspec.runtime.result import Comparison, Contender

HEAD = ("task block", "method", "step size", "log(f_t / f_0)", "ahead by", "")
WHAT = (
    "log(f_t / f_0) after the last inner step, lower being better: the mean over test tasks with its 95 % interval. "
    "Step sizes of baselines were tuned for each task block on validation tasks. `ahead by` is the mean difference of "
    "the same tasks; an interval without 0 makes a win or a loss."
)
_POINTS = 60  # of a curve in a chart


def against(comparisons: Sequence[Comparison]) -> str:
    """The section of the page; nothing without baselines."""
    if not comparisons:
        return ""
    return section(
        "Against tuned baselines",
        paragraph(sentence(comparisons)),
        table(HEAD, rows(comparisons)),
        paragraph(WHAT, "soft"),
        charts(*(_chart(each) for each in comparisons)),
    )


def sentence(comparisons: Sequence[Comparison]) -> str:
    """How many wins and losses there are, of all pairs of a block and a baseline."""
    outcomes = [each.outcome for comparison in comparisons for each in comparison.contenders[1:]]
    name = comparisons[0].contenders[0].name
    counts = {word: outcomes.count(word) for word in ("win", "loss", "even")}
    return (
        f"`{name}` against tuned baselines, by task block: {counts['win']} won, {counts['loss']} lost, "
        f"{counts['even']} without a clear difference."
    )


def rows(comparisons: Sequence[Comparison]) -> Iterator[tuple[str, ...]]:
    """A row for each method of each task block, in the columns of `HEAD`."""
    for comparison in comparisons:
        for place, each in enumerate(comparison.contenders):
            block = f"{comparison.task} ({comparison.tasks})" if place == 0 else ""
            yield block, each.name, _rate(each), _last(each), _ahead(each), each.outcome


def _rate(each: Contender) -> str:
    if each.rate is None:
        return ""
    return f"{each.rate:.2g}" + (" (end of grid)" if each.at_the_end_of_the_grid else "")


def _last(each: Contender) -> str:
    return Figure(each.mean[-1], each.half_width[-1]).text()


def _ahead(each: Contender) -> str:
    """Positive where the evaluated method's loss is lower."""
    if each.rate is None:
        return ""
    return Figure(None if each.ahead is None else -each.ahead, each.ahead_half_width).text()


def _chart(comparison: Comparison) -> str:
    series = []
    for each in comparison.contenders:
        steps = range(0, len(each.mean), max(1, -(-len(each.mean) // _POINTS)))
        mean, half = ([values[step] for step in steps] for values in (each.mean, each.half_width))
        series.append(Series(each.name, list(steps), mean, *band(mean, half)))
    caption = f"`{comparison.task}`: mean over {comparison.tasks:_} test tasks, with bands of 95 %."
    return figure(line_chart(series, "inner steps", "log(f_t / f_0)", logarithmic=False), caption)
