"""`metaspec sweep FILE`"""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path

from metaspec.cli.arguments import add_allow_python, add_json, add_overrides, read_source
from metaspec.cli.exits import ERRORS, FINE, INTERRUPTED, NOT_AS_EXPECTED, RUN_FAILED
from metaspec.cli.output import print_diagnostics, print_json, report, wants_color
from metaspec.diagnostics import SpecError
from metaspec.resolve import resolve
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.progress import display
from metaspec.sweep import sweep


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a spec with a `sweep` block; `-` for standard input")
    parser.add_argument("name", nargs="?", metavar="SWEEP", help="which sweep, where there are several")
    add_overrides(parser, "set a value at every point")
    add_allow_python(parser)
    parser.add_argument("--quick", action="store_true", help="shorten every run to seconds")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the runs lie (default: runs/NAME-SWEEP)")
    add_json(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    resolved = resolve(read_source(options.file), options.overrides, allow_python=options.allow_python)
    print_diagnostics(resolved.diagnostics)
    rows, fine = [], True
    try:
        with nullcontext() if options.json else display(sys.stderr, wants_color(sys.stderr)) as sink:
            for point, result in sweep(resolved, options.name, options.out, options.quick, (sink,) if sink else ()):
                rows.append(
                    {
                        "point": point.number,
                        "folder": str(result.folder),
                        **dict(point.settings),
                        **{name: steps[-1] for name, steps in result.test.mean.items()},
                        **{f"± {name}": steps[-1] for name, steps in result.test.half_width.items()},
                    }
                )
                fine = fine and result.as_expected
    except SpecError as failure:
        report(failure.diagnostics, options.json)
        return ERRORS
    except RunError as failure:
        report((failure.diagnostic,), options.json)
        return INTERRUPTED if isinstance(failure, Interrupted) else RUN_FAILED
    print_json(rows) if options.json else print(table(rows))
    return FINE if fine else NOT_AS_EXPECTED


def table(rows: list[dict[str, object]]) -> str:
    """The points as lines: what each sets, and its test figures after the last inner step with 95 % intervals."""
    columns = [name for name in rows[0] if name != "folder" and not name.startswith("±")]
    lines = [columns] + [[_cell(row, name) for name in columns] for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cell(row: dict[str, object], name: str) -> str:
    value = row.get(name, "")
    half = row.get(f"± {name}")
    if isinstance(value, float):
        return f"{value:.4f}" if half is None else f"{value:.4f} ± {half:.4f}"
    return "not finite" if value is None else str(value)
