"""`metaspec sweep FILE`"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from metaspec.cli.arguments import add_allow_python, add_json, add_overrides, read_source
from metaspec.cli.exits import ERRORS, FINE, INTERRUPTED, NOT_AS_EXPECTED, RUN_FAILED
from metaspec.cli.output import print_diagnostics, print_json, report, wants_color
from metaspec.diagnostics import SpecError
from metaspec.report.over_seeds import SEED, tables
from metaspec.report.reading import read
from metaspec.resolve import resolve
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.progress import display
from metaspec.runtime.result import Result
from metaspec.search import Trial, best, search
from metaspec.spec.blocks import Search
from metaspec.sweep import Point, chosen, sweep


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a spec with a `sweep` block; `-` for standard input")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("name", nargs="?", metavar="SWEEP", help="which sweep, where there are several")
    which.add_argument("--sweep", dest="named", metavar="SWEEP", help="the same, as `run` and `plan` take it")
    add_overrides(parser, "set a value at every point")
    add_allow_python(parser)
    parser.add_argument("--quick", action="store_true", help="shorten every run to seconds")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the runs lie (default: runs/NAME-SWEEP)")
    add_json(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    resolved = resolve(read_source(options.file), options.overrides, allow_python=options.allow_python)
    name = options.name or options.named
    print_diagnostics(resolved.diagnostics)
    try:
        wanted = chosen(resolved, name)[1].search
        with nullcontext() if options.json else display(sys.stderr, wants_color(sys.stderr)) as sink:
            given = (resolved, name, options.out, options.quick, (sink,) if sink else ())
            if wanted is None:
                ran, trials = list(sweep(*given)), []
            else:
                ran, trials = [], list(search(*given))
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    except RunError as failure:
        report((failure.diagnostic,), options.json)
        return INTERRUPTED if isinstance(failure, Interrupted) else RUN_FAILED
    if wanted is not None:
        return _searched(trials, wanted, options.json)
    rows = [point_row(point, result) for point, result in ran]
    if options.json:
        print_json(rows)
    else:
        print("\n".join([table(rows), *over_seeds(ran, options.allow_python)]))
    return FINE if all(result.as_expected for _, result in ran) else NOT_AS_EXPECTED


def over_seeds(ran: list[tuple[Point, Result]], allow_python: bool) -> list[str]:
    """Means over seeds, below an empty line, where the sweep takes several of them."""
    if not any(SEED in dict(point.settings) for point, _ in ran):
        return []
    folders = [(dict(point.settings), result.folder) for point, result in ran]
    found = tables([(settings, read(folder, allow_python)) for settings, folder in folders if folder])
    return ["", *found] if found else []


def point_row(point: Point, result: Result) -> dict[str, object]:
    """What a point sets, and its test figures after the last inner step."""
    return {"point": point.number, "folder": str(result.folder), **dict(point.settings), **_test(result)}


def _test(result: Result) -> dict[str, object]:
    return {
        **{name: steps[-1] for name, steps in result.test.mean.items()},
        **{f"± {name}": steps[-1] for name, steps in result.test.half_width.items()},
    }


def _searched(trials: list[Trial], wanted: Search, as_json: bool) -> int:
    """Every trial by its score; the test figures of the best one alone, since those of others are not to choose by."""
    rows: list[dict[str, object]] = [
        {
            "point": trial.point.number,
            "folder": str(trial.folder),
            **dict(trial.point.settings),
            f"validation {wanted.metric}": trial.score,
            f"± validation {wanted.metric}": trial.half_width,
        }
        for trial in trials
    ]
    found = best(trials, wanted)
    if as_json:
        chosen = {**rows[found.point.number], **_test(found.result)} if found and found.result else None
        print_json({"trials": rows, "best": chosen})
    else:
        print("\n".join([table(rows), "", *best_lines(found, wanted)]))
    if found is None or found.result is None:
        return RUN_FAILED
    return FINE if found.result.as_expected else NOT_AS_EXPECTED


def best_lines(found: Trial | None, wanted: Search) -> list[str]:
    """The best trial, what it sets, and its figures on the test tasks."""
    if found is None or found.result is None:
        return [f"no trial has a finite {wanted.metric} on the validation tasks"]
    row = _test(found.result)
    tested = ", ".join(f"{name} {_cell(row, name)}" for name in row if not name.startswith("±"))
    return [
        f"best of {wanted.trials} by the {wanted.metric} on the validation tasks: point {found.point.number}",
        *(f"  {path} = {text}" for path, text in found.point.settings),
        f"on the test tasks: {tested}",
    ]


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """The points as lines: what each sets, and its figures after the last inner step with 95 % intervals."""
    columns = [name for name in rows[0] if name != "folder" and not name.startswith("±")]
    lines = [columns] + [[_cell(row, name) for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(row: Mapping[str, object], name: str) -> str:
    value = row.get(name, "")
    half = row.get(f"± {name}")
    if isinstance(value, float):
        return f"{value:.4f}" if half is None else f"{value:.4f} ± {half:.4f}"
    return "not finite" if value is None else str(value)
