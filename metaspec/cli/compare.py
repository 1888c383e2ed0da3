"""`metaspec compare RUN RUN ...`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from metaspec.cli.exits import FINE, RUN_FAILED, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, takes, wrong_use
from metaspec.report.comparison import as_json, compared, render
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", type=Path, help="folders of finished runs, two or more")
    parser.add_argument("--metric", help="what is compared (default: accuracy, or query_loss where there is none)")
    parser.add_argument("--json", action="store_true", help="print the table as one JSON document")
    parser.add_argument("--allow-python", action="store_true", help="let the runs' own Python modules be imported")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if len(options.runs) < 2:
        wrong_use("a comparison takes two runs or more")
        return WRONG_USE
    try:
        found = compared([read(run, options.allow_python) for run in options.runs], options.metric)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    if options.json:
        print_json(as_json(found))
    else:
        print(render(found, plain=not takes(sys.stdout, "±")))
    return FINE
