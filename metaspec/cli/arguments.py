"""The arguments that commands share: a spec, its overrides, and the sweep point."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from metaspec.cli.exits import WRONG_USE
from metaspec.cli.output import wrong_use
from metaspec.resolve import Resolved, resolve
from metaspec.source import Source

STDIN = "-"


def add_spec(parser: argparse.ArgumentParser, optional: bool = False) -> None:
    """FILE and what `add_point` adds."""
    parser.add_argument("file", nargs="?" if optional else None, metavar="FILE", help="a spec; `-` for standard input")
    add_point(parser)


def add_point(parser: argparse.ArgumentParser) -> None:
    """`-s`, `--sweep`, `--point`, `--allow-python`: which variant of a spec is meant, and what it may do."""
    add_overrides(parser, "set a value, such as inner.lr=0.2; later ones win")
    parser.add_argument("--sweep", metavar="NAME", help="the sweep that --point belongs to, where there are several")
    parser.add_argument("--point", type=int, metavar="K", help="take this point of the sweep, counted from 0")
    add_allow_python(parser)


def add_overrides(parser: argparse.ArgumentParser, help: str) -> None:
    """`-s PATH=VALUE`, as often as wanted."""
    parser.add_argument(
        "-s",
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        help=help,
    )


def add_allow_python(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-python", action="store_true", help="let `import python` run its modules")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def read_source(file: str) -> Source:
    """The text of a file, or of standard input. Leaves with exit code 2 where it cannot be read."""
    try:
        if file == STDIN:
            return Source("<stdin>", sys.stdin.read().replace("\r\n", "\n"))
        return Source.read(Path(file))
    except UnicodeDecodeError:
        wrong_use(f"{file} is not UTF-8 text")
    except OSError as failure:
        wrong_use(f"cannot read {file}: {(failure.strerror or str(failure)).lower()}")
    raise SystemExit(WRONG_USE)


def resolve_spec(options: argparse.Namespace) -> Resolved:
    """The spec that the arguments name, resolved."""
    return resolve_file(options.file, options)


def resolve_file(file: str, options: argparse.Namespace) -> Resolved:
    """A spec in the variant that the arguments of `add_point` name, resolved."""
    return resolve(read_source(file), options.overrides, options.point, options.sweep, options.allow_python)
