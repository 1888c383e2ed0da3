"""The command `metaspec`. Only the module of the command that is called is imported."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from metaspec.cli.exits import INTERRUPTED, WRONG_USE

# command -> its line in `metaspec --help`; its module has the same name
COMMANDS = {
    "run": "run a spec, or go on with a run",
    "sweep": "run every point of a sweep, and compare them",
    "check": "report every mistake in a spec, and mend those with one way out",
    "fmt": "write a spec in the standard layout",
    "plan": "show what a run would do, without doing it",
    "simulate": "predict a run's time on any number of workers, from a short measurement",
    "show": "print a spec as a tree, as resolved, or expanded",
    "explain": "say who set a value, what a code means, or what a kind takes",
    "list": "list blocks, kinds, presets and units",
    "new": "write a new spec from a template",
    "compare": "put finished runs beside each other, task by task",
    "predict": "adapt what a run has learned to labelled pictures, and name the classes of others",
    "report": "write a run's page, or print what it should cite",
    "export": "write a run's learned optimizer for Keras",
    "data": "download public data sets",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of a command line: see `metaspec.cli.exits`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        parser = _parser(given)
        options = parser.parse_args(given)
        if not hasattr(options, "call"):
            parser.print_help()
            return WRONG_USE
        code = int(options.call(options))
        sys.stdout.flush()
        return code
    except SystemExit as leaving:  # argparse leaves this way: 0 after --help, 2 after wrong use
        return leaving.code if isinstance(leaving.code, int) else WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="metaspec",
        description="A declarative language for meta-learning, and its interpreter.",
        epilog="`metaspec COMMAND --help` has the options of a command.",
    )
    parser.add_argument("--version", action="version", version=_version() if "--version" in given else "")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command")
    called = next((word for word in given if not word.startswith("-")), None)
    for name, line in COMMANDS.items():
        command = commands.add_parser(name, help=line, description=line[0].upper() + line[1:] + ".")
        if name == called:
            importlib.import_module(f"metaspec.cli.{name}").add_arguments(command)
    return parser


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"metaspec {version('metaspec')}"
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "metaspec (not installed)"
