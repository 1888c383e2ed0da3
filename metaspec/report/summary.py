"""The end of a run in a terminal: what was learned, the adaptation before and after, and where everything lies."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from metaspec.plan.model import Plan
from metaspec.plan.render import transductive
from metaspec.report.adaptation import Figure, Row, leading, rows, selected, sentence
from metaspec.report.against import HEAD
from metaspec.report.against import rows as contests
from metaspec.report.against import sentence as contest
from metaspec.report.learned import LearnedValue, learned_values
from metaspec.report.reading import Run
from metaspec.report.times import spent
from metaspec.resolve.loaded import FIELDS, loads_of
from metaspec.runtime.result import Figures, Result

_LINE, _BAR = 100, 24


def render(run: Run, page: Path, plain: bool = False) -> str:
    """Several lines about a finished run. `page` is the report that was written; `plain` keeps to ASCII."""
    plan, result, parameters = run.plan, run.result, run.parameters
    if result is None:
        return f"the run in {run.folder.path} is not finished"
    sign = "+-" if plain else "±"
    learned = [line for value in learned_values(plan, parameters) for line in _learned(value)]
    text = "\n".join(
        [
            "",
            "What was learned",
            *(f"  {line}" for line in learned or [_nothing(plan)]),
            "",
            *textwrap.wrap(sentence(plan, result.test), _LINE),
            "",
            *_table(result.test, sign, "#" if plain else "█"),
            "",
            *_together(plan),
            *_against(result),
            *_expected(result),
            f"{result.iterations:_} meta-iterations in {spent(result)}"
            + (f"; {result.skipped:_} tasks were left out" if result.skipped else ""),
            f"results: {run.folder.path}",
            f"report:  {page} (`metaspec report {run.folder.path}` adds example tasks)",
        ]
    )
    return text.replace("±", sign)


def _nothing(plan: Plan) -> str:
    """What a run that learns nothing is about: what another one learned, where it loads that."""
    found = [each.load for field in FIELDS for each in loads_of(getattr(plan.spec.inner, field, None))]
    return f"nothing: this evaluates what {', '.join(dict.fromkeys(found))} learned" if found else "nothing"


def _learned(value: LearnedValue) -> Iterator[str]:
    yield f"{value.name}, {value.what}: began as {value.start}, now {value.now}"


def _table(test: Figures, sign: str, block: str) -> Iterator[str]:
    """A row for each number of inner steps, with a bar for the leading metric."""
    names, metric = list(test.mean), leading(test)
    yield "  inner steps  " + "  ".join(f"{name:<18}" for name in names).rstrip()
    shown = selected(rows(test))
    largest = max((row.figures[metric].mean or 0.0 for row in shown), default=0.0)
    for row in shown:
        yield f"  {row.steps:>11}  {_figures(row, names, sign)}  {_bar(row.figures[metric], largest, block)}".rstrip()


def _figures(row: Row, names: list[str], sign: str) -> str:
    return "  ".join(f"{row.figures[name].text(sign):<18}" for name in names)


def _bar(figure: Figure, largest: float, block: str) -> str:
    return block * round(_BAR * figure.mean / largest) if figure.mean is not None and largest > 0 else ""


def _together(plan: Plan) -> Iterator[str]:
    """What figures of items that are normalised together do not say."""
    if transductive(plan.spec):
        text = (
            "The query items of a task were normalised together. One at a time, as `metaspec predict` takes them, figures may "
            "be lower: `evaluate { transductive = false }` has those, `norm = group` learns without."
        )
        yield from (*textwrap.wrap(text, _LINE), "")


def _against(result: Result) -> Iterator[str]:
    """The table of the comparison with baselines, in columns."""
    if not result.against:
        return
    yield from textwrap.wrap(contest(result.against), _LINE)
    table = [HEAD, *contests(result.against)]
    widths = [max(len(row[place]) for row in table) for place in range(len(HEAD))]
    for row in table:
        yield "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
    yield ""


def _expected(result: Result) -> Iterator[str]:
    for each in result.expect:
        value = "there is no such figure" if each.value is None else f"it is {each.value:.4f}"
        yield f"expected {each.metric} {each.relation} {each.bound:g}: {'met' if each.met else 'NOT met'}, {value}"
