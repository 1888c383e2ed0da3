"""`metaspec plan FILE`"""

from __future__ import annotations

import argparse
from pathlib import Path

from metaspec.api import plan as plan_of
from metaspec.cli.arguments import add_json, add_spec, resolve_spec
from metaspec.cli.exits import ERRORS, FINE, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, report, wrong_use
from metaspec.diagnostics import SpecError
from metaspec.plan.render import render
from metaspec.resolve import Resolved
from metaspec.resolve.checks.readiness import not_ready
from metaspec.sweep import chosen, settings_of, written


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    add_json(parser)
    parser.add_argument("--quick", action="store_true", help="the plan of `run --quick`")
    parser.add_argument("--workers", type=int, metavar="N", help="as -s schedule.workers=N")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the plan as JSON")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.workers is not None:
        options.overrides.append(f"schedule.workers={options.workers}")
    resolved = resolve_spec(options)
    try:
        plan = plan_of(resolved, quick=options.quick)
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    print_diagnostics((*resolved.diagnostics, *not_ready(resolved)))  # warnings: a plan has no error
    if options.out:
        try:
            options.out.write_text(plan.model_dump_json(indent=2) + "\n", encoding="utf-8")
        except OSError as failure:
            wrong_use(f"cannot write {options.out}: {(failure.strerror or str(failure)).lower()}")
            return WRONG_USE
    if options.json:
        print_json(plan.model_dump(mode="json"))
    else:
        print("\n".join([*_point(resolved), render(plan)]))
    return FINE


def _point(resolved: Resolved) -> list[str]:
    """The point that is planned and what it sets, as a line where there is one."""
    number = resolved.request.point
    if number is None:
        return []
    name, sweep = chosen(resolved, resolved.request.sweep)
    return [f"point     {number} of 0..{sweep.size - 1} of sweep {name}: {written(settings_of(name, sweep, number))}"]
