"""`metaspec run FILE`"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from metaspec.api import run
from metaspec.cli.arguments import add_json, add_spec, resolve_spec
from metaspec.cli.exits import ERRORS, FINE, INTERRUPTED, NOT_AS_EXPECTED, RUN_FAILED
from metaspec.cli.output import print_diagnostics, print_json, report, wants_color
from metaspec.diagnostics import SpecError
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.progress import display
from metaspec.runtime.result import Result


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
    try:
        if not resolved.failed and not options.json:
            print_diagnostics(resolved.diagnostics)
        with nullcontext() if options.json else display(sys.stderr, wants_color(sys.stderr)) as sink:
            result = run(resolved, out=options.out, quick=options.quick, resume=options.resume,
                         sinks=(sink,) if sink else ())
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    except RunError as failure:
        report((failure.diagnostic,), options.json)
        return INTERRUPTED if isinstance(failure, Interrupted) else RUN_FAILED
    if options.json:
        print_json(result.model_dump(mode="json"))
    else:
        _print_result(result)
    return FINE if result.as_expected else NOT_AS_EXPECTED


def _print_result(result: Result) -> None:
    """The test figures after each number of inner steps, and what was expected."""
    metrics = list(result.test.mean)
    print(f"\n{result.name}: {result.iterations:_} meta-iterations, {result.test.tasks} tasks of {result.test.split}")
    print("  steps  " + "  ".join(f"{metric:<20}" for metric in metrics).rstrip())
    for step in range(len(result.test.mean[metrics[0]]) if metrics else 0):
        figures = [_figure(result.test.mean[metric][step], result.test.half_width[metric][step]) for metric in metrics]
        print(f"  {step:>5}  " + "  ".join(f"{figure:<20}" for figure in figures).rstrip())
    for each in result.expect:
        value = "no figure" if each.value is None else f"{each.value:.4f}"
        print(f"  expect {each.metric} {each.relation} {each.bound:g}: {value}, {'met' if each.met else 'NOT met'}")


def _figure(mean: float | None, half_width: float | None) -> str:
    if mean is None:
        return "not finite"
    return f"{mean:.4f}" + (f" +- {half_width:.4f}" if half_width is not None else "")
