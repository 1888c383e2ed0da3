"""`metaspec compare RUN RUN ...`"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from metaspec.cli.exits import FINE, RUN_FAILED, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, takes, wrong_use
from metaspec.report.comparison import as_json, compared, render
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.stops import DIVERGED, last_stop


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="folders of finished runs, or of a sweep")
    parser.add_argument("--metric", help="what is compared (default: accuracy, or query_loss where there is none)")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON document")
    parser.add_argument("--allow-python", action="store_true", help="let the runs' own Python modules be imported")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    folders = [run for each in options.runs for run in runs_of(each)]
    if len(folders) < 2:
        wrong_use("a comparison takes two finished runs or more")
        return WRONG_USE
    try:
        found = compared([read(folder, options.allow_python) for folder in folders], options.metric)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    if options.json:
        print_json(as_json(found))
    else:
        left_out = [line for each in options.runs for line in without_result(each)]
        print("\n".join([render(found, plain=not takes(sys.stdout, "±")), *left_out]))
    return FINE


def without_result(folder: Path) -> list[str]:
    """A line about the runs in a folder of several that are not compared; none where all have finished."""
    inside = [] if RunFolder(folder).begun else [each.parent for each in folder.glob("*/plan.json")]
    names = [_ended(RunFolder(each)) for each in sorted(inside, key=by_number) if not RunFolder(each).finished]
    return [f"not compared, without a result: {', '.join(names)}."] if names else []


def _ended(run: RunFolder) -> str:
    stop = last_stop(run)
    diverged = stop is not None and stop.code == DIVERGED
    return f"{run.path.name} (diverged)" if diverged else run.path.name


def runs_of(folder: Path) -> list[Path]:
    """The folder itself, or where it is that of several runs, as of a sweep, the finished ones in it by their numbers."""
    inside = [] if RunFolder(folder).finished else [each.parent for each in folder.glob("*/result.json")]
    return sorted(inside, key=by_number) or [folder]


def by_number(folder: Path) -> list[tuple[int, str]]:
    """point-2 before point-10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", folder.name)]
