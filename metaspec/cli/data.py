"""`metaspec data fetch NAME`"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from metaspec.cli.exits import FINE, RUN_FAILED, WRONG_USE
from metaspec.cli.output import wrong_use
from metaspec.data.errors import DataError
from metaspec.data.fetch import DOWNLOADS, fetch
from metaspec.data.paths import DATA_VARIABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", dest="action", required=True)
    fetching = actions.add_parser("fetch", help="download the official archives and compare their checksums")
    fetching.add_argument("name", metavar="NAME", help=f"one of {', '.join(sorted(DOWNLOADS))}")
    fetching.add_argument(
        "--to", metavar="FOLDER", type=Path, help=f"where to (default: NAME under ${DATA_VARIABLE}, else under data)"
    )
    fetching.add_argument("--from", dest="base", metavar="ADDRESS", help="address of a mirror")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    folder = options.to or Path(os.environ.get(DATA_VARIABLE) or "data") / options.name
    try:
        archives = fetch(options.name, folder, options.base, progress=None)
    except DataError as failure:
        wrong_use(f"{failure.message}; {failure.help}")
        return WRONG_USE if failure.code == "setting" else RUN_FAILED
    for archive in archives:
        print(archive)
    return FINE
