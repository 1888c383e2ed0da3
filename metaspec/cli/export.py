"""`metaspec export RUN --to keras`"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from metaspec.cli.arguments import add_allow_python
from metaspec.cli.exits import FINE, RUN_FAILED
from metaspec.cli.output import print_diagnostics
from metaspec.export.keras import export
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="a finished run's folder, such as runs/hierarchical_rnn")
    parser.add_argument("--to", required=True, choices=("keras",), help="keras: a package with a Keras 3 optimizer")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the package's folder (default: NAME_optimizer)")
    add_allow_python(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    try:
        run = read(options.run, options.allow_python)
        folder = options.out or Path(re.sub(r"\W", "_", f"{run.plan.name}_optimizer"))
        written = export(run, folder)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    print(f"{folder}: {len(written)} files, {sum(each.stat().st_size for each in written):_} bytes")
    print(f"from {folder.name} import LearnedOptimizer")
    return FINE
