"""`metaspec sweep FILE`"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from metaspec.cli.arguments import add_allow_python, add_json, add_overrides, read_source
from metaspec.cli.exits import ERRORS, FINE, INTERRUPTED, NOT_AS_EXPECTED, RUN_FAILED
from metaspec.cli.output import print_diagnostics, print_json, report, wants_color
from metaspec.diagnostics import Diagnostic, SpecError, note
from metaspec.report.adaptation import Figure, leading
from metaspec.report.over_seeds import SEED, Group, as_json, grouped, tables
from metaspec.report.reading import read
from metaspec.resolve import resolve
from metaspec.resolve.bind import constant
from metaspec.resolve.overrides import BROUGHT
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.progress import display
from metaspec.runtime.result import Result
from metaspec.search import Trial, best, search
from metaspec.source import Source
from metaspec.spec.blocks import Search
from metaspec.sweep import Ran, chosen, sweep
from metaspec.syntax import tree
from metaspec.syntax.parser import parse_value


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
    ran: list[Ran] = []
    trials: list[Trial] = []
    try:
        wanted = chosen(resolved, name)[1].search
        with nullcontext() if options.json else display(sys.stderr, wants_color(sys.stderr)) as sink:
            given = (resolved, name, options.out, options.quick, (sink,) if sink else ())
            if wanted is None:
                for each in sweep(*given):  # one after the other: what has run is shown even if the next one stops all
                    ran.append(each)
            else:
                trials += search(*given)
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    except RunError as failure:
        stopped = isinstance(failure, Interrupted)
        problem = replace(failure.diagnostic, help=(_goes_on(options),)) if stopped else failure.diagnostic
        _so_far(ran, problem, options)
        return INTERRUPTED if stopped else RUN_FAILED
    except KeyboardInterrupt:  # between two runs, or a second one, which waits for nothing
        message = "stopped by SIGINT at once: whatever follows the last checkpoint is lost"
        _so_far(ran, note("N0701", message, help=(_goes_on(options),)), options)
        return INTERRUPTED
    if wanted is not None:
        return _searched(trials, wanted, options.json)
    _print(ran, options)
    if any(each.result is None for each in ran):
        return RUN_FAILED
    return FINE if all(each.result.as_expected for each in ran if each.result) else NOT_AS_EXPECTED


def _print(ran: list[Ran], options: argparse.Namespace) -> None:
    """The points, and the means over seeds, as tables or as one JSON document."""
    groups = by_seed(ran, options.allow_python)
    if options.json:
        print_json(_document(ran, groups))
        return
    found = tables(groups)
    lines = [table([point_row(each) for each in ran]), *differing(ran)]
    print("\n".join([*lines, *([""] if found else []), *found]))


def _document(ran: list[Ran], groups: list[Group]) -> dict[str, object]:
    return {"points": [point_row(each, typed) for each in ran], "over_seeds": means(groups)}


def _so_far(ran: list[Ran], problem: Diagnostic, options: argparse.Namespace) -> None:
    """What stops the whole sweep, and before it the points that have run."""
    if options.json:
        report((problem,), True, _document(ran, by_seed(ran, options.allow_python)))
        return
    if ran:
        _print(ran, options)
        sys.stdout.flush()
    report((problem,), False)


def _goes_on(options: argparse.Namespace) -> str:
    return f"`{again(options)}` goes on here; finished points are only read"


def differing(ran: list[Ran]) -> list[str]:
    """Where points differ in more than their axes: a line for each block of the file that a preset of theirs replaces."""
    numbers: dict[str, list[int]] = {}
    for each in ran:
        for found in each.point.resolved.diagnostics:
            if found.code == BROUGHT:
                message = found.message.replace(" written here", " of the file")
                numbers.setdefault(message, []).append(each.point.number)
    return [
        f"point{'s' if len(of) > 1 else ''} {', '.join(map(str, of))} differ{'s' if len(of) == 1 else ''} in more than "
        f"the axes: {message}"
        for message, of in numbers.items()
    ]


def again(options: argparse.Namespace) -> str:
    """The command that the sweep was started with."""
    words = ["metaspec", "sweep", options.file]
    words += [options.name] if options.name else ["--sweep", options.named] if options.named else []
    words += [word for override in options.overrides for word in ("-s", override)]
    words += ["--out", str(options.out)] if options.out else []
    flags = {"--quick": options.quick, "--json": options.json, "--allow-python": options.allow_python}
    return shlex.join([*words, *(flag for flag, given in flags.items() if given)])


def by_seed(ran: list[Ran], allow_python: bool) -> list[Group]:
    """The points in groups that differ in their seed alone; none where the sweep takes one seed."""
    if not any(SEED in dict(each.point.settings) for each in ran):
        return []
    return grouped(
        [(dict(each.point.settings), read(each.folder, allow_python) if each.result else each.end) for each in ran]
    )


def means(groups: Sequence[Group]) -> list[dict[str, object]]:
    """The means over seeds as JSON objects."""
    first = next((run for group in groups for run in group.runs.values()), None)
    if first is None:
        return []
    metric = leading(first.result.test)
    return [{**{path: typed(text) for path, text in each.settings.items()}, **as_json(each, metric)} for each in groups]


def typed(text: str) -> object:
    """A value of the language as JSON has it: numbers, flags and texts as such, everything else as it is written."""
    match parse_value(Source("value", text))[0]:
        case tree.Boolean(value=value) | tree.String(value=value):
            return value
        case None:
            return text
        case value:
            number = constant(value)
            return text if number is None else number


def point_row(ran: Ran, value: Callable[[str], object] = str) -> dict[str, object]:
    """What a point sets, and its test figures after the last inner step, or how its run ended without."""
    point = ran.point
    row = {"point": point.number, "folder": str(ran.folder), **{path: value(text) for path, text in point.settings}}
    return {**row, **_test(ran.result)} if ran.result else {**row, ENDED: ran.end}


ENDED = "ended"  # in a row without figures


def _test(result: Result) -> dict[str, object]:
    return {
        **{name: steps[-1] for name, steps in result.test.mean.items()},
        **{f"± {name}": steps[-1] for name, steps in result.test.half_width.items()},
    }


def _searched(trials: list[Trial], wanted: Search, json: bool) -> int:
    """Every trial by its score; the test figures of the best one alone, since those of others are not to choose by."""
    rows: list[dict[str, object]] = [
        {
            "point": trial.point.number,
            "folder": str(trial.folder),
            **{path: typed(text) if json else text for path, text in trial.point.settings},
            f"validation {wanted.metric}": trial.score,
            f"± validation {wanted.metric}": trial.half_width,
        }
        for trial in trials
    ]
    found = best(trials, wanted)
    if json:
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
    every = dict.fromkeys(name for row in rows for name in row)
    columns = [name for name in every if name not in ("folder", ENDED) and not name.startswith("±")]
    lines = [columns] + [[_cell(row, name) for name in columns] for row in rows]
    if any(ENDED in row for row in rows):
        lines = [
            [*line, end] for line, end in zip(lines, ["", *(str(row.get(ENDED, "")) for row in rows)], strict=True)
        ]
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(row: Mapping[str, object], name: str) -> str:
    value = row.get(name, "" if ENDED in row else None)
    half = row.get(f"± {name}")
    if isinstance(value, float):
        return Figure(value, half if isinstance(half, float) else None).text()
    return "not finite" if value is None else str(value)
