"""`metaspec fmt FILES`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from metaspec.cli.arguments import STDIN, read_source
from metaspec.cli.exits import ERRORS, FINE
from metaspec.cli.output import print_diagnostics
from metaspec.diagnostics import SpecError
from metaspec.syntax.formatter import format_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="specs, written in place; `-` reads and prints")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a file would change")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    codes = [_format(file, options.check) for file in options.files]
    return max(codes)


def _format(file: str, only_check: bool) -> int:
    source = read_source(file)
    try:
        text = format_text(source)
    except SpecError as failure:
        print_diagnostics(failure.diagnostics)
        return ERRORS
    if only_check:
        if text != source.text:
            print(f"{file} would change")
        return ERRORS if text != source.text else FINE
    if file == STDIN:
        sys.stdout.write(text)
    elif text != source.text:
        Path(file).write_text(text, encoding="utf-8")
    return FINE
