"""`metaspec report RUN`"""

from __future__ import annotations

import argparse
from pathlib import Path

from metaspec.cli.exits import FINE, RUN_FAILED
from metaspec.cli.output import print_diagnostics
from metaspec.report.citations import citations
from metaspec.report.page import write
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="a run's folder, such as runs/quickstart")
    parser.add_argument("--cite", action="store_true", help="print BibTeX entries of what the run uses; write nothing")
    parser.add_argument("--allow-python", action="store_true", help="let the run's own Python modules be imported")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    try:
        run = read(options.run, options.allow_python)
        if options.cite:
            print("\n\n".join(citations(run.plan.spec).values()))
        else:
            print(write(run))
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    return FINE
