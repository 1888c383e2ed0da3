"""`metaspec run FILE`"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from metaspec.api import run
from metaspec.cli.arguments import add_json, add_spec, resolve_spec
from metaspec.cli.exits import ERRORS, FINE, INTERRUPTED, NOT_AS_EXPECTED, RUN_FAILED
from metaspec.cli.output import print_diagnostics, print_json, report, takes, wants_color
from metaspec.diagnostics import SpecError, has_errors, note
from metaspec.report.page import write
from metaspec.report.reading import read
from metaspec.report.summary import render
from metaspec.resolve.checks.readiness import not_ready
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.events import Event
from metaspec.runtime.progress import display


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    add_json(parser)
    parser.add_argument("--quick", action="store_true", help="shorten the run to seconds")
    parser.add_argument("--resume", action="store_true", help="go on with the run in the folder, to the same bits")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the run's folder (default: runs/NAME)")
    parser.add_argument("--workers", type=int, metavar="N", help="as -s schedule.workers=N")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.workers is not None:
        options.overrides.append(f"schedule.workers={options.workers}")
    resolved = resolve_spec(options)
    begun: list[Event] = []
    try:
        if not resolved.failed and not options.json:
            found = not_ready(resolved)
            warnings = () if has_errors(found) else found  # errors are told of by `run`, and these with them
            print_diagnostics((*resolved.diagnostics, *warnings))
            sweeps = resolved.required().sweeps
            if sweeps and options.point is None:
                print(_base_alone(options.file, tuple(sweeps)), file=sys.stderr)
        with nullcontext() if options.json else display(sys.stderr, wants_color(sys.stderr)) as sink:
            result = run(
                resolved,
                out=options.out,
                quick=options.quick,
                resume=options.resume,
                sinks=(begun.append, sink) if sink else (begun.append,),
            )
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    except RunError as failure:
        report((failure.diagnostic,), options.json)
        return INTERRUPTED if isinstance(failure, Interrupted) else RUN_FAILED
    except KeyboardInterrupt:  # while the spec was read and planned, or a second one, which waits for nothing
        what = "whatever follows the last checkpoint is lost" if begun else "nothing was computed"
        report((note("N0701", f"stopped by SIGINT at once: {what}"),), options.json)
        return INTERRUPTED
    if options.quick and not options.json:
        print("\nshortened by --quick: this shows that the spec runs, not what it learns")
    if options.json:
        print_json({**result.model_dump(mode="json"), "folder": str(result.folder)})
    else:
        assert result.folder is not None  # `run` says where it was
        _print_result(result.folder)
    return FINE if result.as_expected else NOT_AS_EXPECTED


def _base_alone(file: str, sweeps: tuple[str, ...]) -> str:
    """That a run is of the spec without its sweeps, which is easily taken for all of them."""
    named = f" {sweeps[0]}" if len(sweeps) > 1 else ""
    return f"this runs the spec as it stands; `metaspec sweep {file}{named}` runs the points of its sweep"


def _print_result(folder: Path) -> None:
    """What was learned, the figures before and after adaptation, and where everything lies."""
    run = read(folder, allow_python=True)  # its modules are those that ran a moment ago
    print(render(run, write(run), plain=not takes(sys.stdout, "±█")))
