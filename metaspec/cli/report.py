"""`metaspec report RUN`"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from metaspec.cli.exits import FINE, RUN_FAILED
from metaspec.cli.output import print_diagnostics
from metaspec.diagnostics import warning
from metaspec.report.citations import citations
from metaspec.report.page import write
from metaspec.report.reading import Run, read
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.examples import examples

_WITHOUT = "`--no-examples` leaves them out without this message"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="a run's folder, such as runs/quickstart")
    parser.add_argument("--cite", action="store_true", help="print BibTeX entries of what the run uses; write nothing")
    parser.add_argument("--no-examples", action="store_true", help="without example tasks, which take some seconds")
    parser.add_argument("--allow-python", action="store_true", help="let the run's own Python modules be imported")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    try:
        run = read(options.run, options.allow_python)
        if options.cite:
            print("\n\n".join(citations(run.plan.spec).values()))
        else:
            print(write(run), flush=True)
            if run.result and not options.no_examples and not run.examples:
                _add_examples(run)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    return FINE


def _add_examples(run: Run) -> None:
    """Write the page again with example tasks; without them, and with a warning, where they cannot be computed."""
    try:
        drawn = examples(run.plan, run.folder, run.parameters)
    except Interrupted:
        raise
    except RunError as failure:
        message = f"the page has no example tasks: {failure.diagnostic.message}"
        print_diagnostics((warning("W0706", message, help=(*failure.diagnostic.help, _WITHOUT)),))
    else:
        write(replace(run, examples=drawn))
