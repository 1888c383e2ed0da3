"""The page of `benchmarks.paper_001`: a table for each figure as text, and the same as HTML with its curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from statistics import fmean

from benchmarks.paper_001_rows import Row, Table
from metaspec.report.adaptation import Figure, leading
from metaspec.report.chart import Series, line_chart
from metaspec.report.markup import charts, figure, paragraph, preformatted, section
from metaspec.report.over_seeds import adaptation, curve
from metaspec.report.reading import Run

TITLE = "Soulier 2020: copies of a meta-model that exchange weights"
_LINES = 5  # of a chart: colours


@dataclass(frozen=True)
class Line:
    """A row with its runs over seeds."""

    row: Row
    runs: tuple[Run, ...]

    @property
    def metric(self) -> str:
        return leading(self.runs[0].result.test)

    @property
    def curve(self) -> dict[int, Figure]:
        """On the validation tasks after the last inner step, by meta-iteration."""
        return curve(self.runs, self.metric)

    @property
    def test(self) -> Figure:
        return [*adaptation(self.runs, self.metric).values()][-1]

    @property
    def level(self) -> float:
        """The mean of the curve: of two that end alike, the one that rose earlier has the better one."""
        return fmean(each.mean if each.mean is not None else float("nan") for each in self.curve.values())


def text(table: Table, lines: Sequence[Line]) -> Iterator[str]:
    """Curve, test figure and tasks seen of each row; what the thesis says, and the order that we find."""
    first = lines[0]
    steps, seeds = {line.runs[0].plan.evaluation_steps for line in lines}, len(first.runs)
    when = "the last inner step" if len(steps) > 1 else "1 inner step" if steps == {1} else f"{min(steps)} inner steps"
    word = first.metric.replace("_", " ")
    yield f"{table.title}: {word} on validation tasks after {when}, {told(seeds)}"
    heads = [f"after {number}" for number in first.curve]
    yield f"  {'':<20}" + "".join(f"{head:>16}" for head in [*heads, "test"]) + f"{'mean':>8}{'tasks a run':>13}"
    for line in lines:
        values = [*line.curve.values(), line.test]
        seen = line.runs[0].plan.tasks_per_iteration
        yield f"  {line.row.name:<20}" + "".join(f"{short(v):>16}" for v in values) + f"{line.level:>8.3f}{seen:>13_}"
    better = sorted(lines, key=lambda line: line.level, reverse=line.metric == "accuracy")
    yield f"  thesis: {table.thesis}"
    yield f"  here, best first by the mean of the curve: {'; '.join(line.row.name for line in better)}"


def told(seeds: int) -> str:
    return "one seed" if seeds == 1 else f"{seeds} seeds with 95 % intervals"


def short(value: Figure) -> str:
    if value.mean is None:
        return "not finite"
    return f"{value.mean:.3f}" + (f" ± {value.half:.3f}" if value.half is not None else "")


def document(found: Sequence[tuple[Table, Sequence[Line]]], printed: Sequence[str], processor: str) -> str:
    """printed: the whole page as text, which stands below the curves."""
    style = (resources.files("metaspec.report") / "page.css").read_text(encoding="utf-8")
    parts = [f"<h1>{escape(TITLE)}</h1>{paragraph(processor, 'soft')}"]
    parts += [
        section(table.title, charts(*_drawn(lines)), paragraph(f"Thesis: {table.thesis}.")) for table, lines in found
    ]
    parts.append(section("Figures", preformatted("\n".join(printed))))
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(TITLE)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _drawn(lines: Sequence[Line]) -> Iterator[str]:
    """No more lines in a chart than there are colours."""
    half = len(lines) if len(lines) <= _LINES else (len(lines) + 1) // 2
    for group in (lines[:half], lines[half:]):
        if group:
            accuracy = group[0].metric == "accuracy"
            chart = line_chart([_series(line) for line in group], "meta-iteration", group[0].metric, share=accuracy)
            yield figure(chart, "On validation tasks after the last inner step; bands are 95 % intervals over seeds.")


def _series(line: Line) -> Series:
    points = line.curve
    low, high = [], []
    for each in points.values():
        known = each.mean is not None and each.half is not None
        low.append(each.mean - each.half if known else None)
        high.append(each.mean + each.half if known else None)
    return Series(line.row.name, list(points), [each.mean for each in points.values()], low, high, points=True)
