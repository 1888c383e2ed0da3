"""`metaspec check FILES`"""

from __future__ import annotations

import argparse
from pathlib import Path

from metaspec.api import messages
from metaspec.cli.arguments import STDIN, add_json, add_point, resolve_file
from metaspec.cli.exits import ERRORS, FINE, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, wrong_use
from metaspec.diagnostics import Diagnostic, has_errors
from metaspec.diagnostics.render import apply_fixes, to_json
from metaspec.resolve import Resolved

_ROUNDS = 10  # one fix can uncover the next


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="specs; `-` for standard input")
    add_point(parser)
    add_json(parser)
    parser.add_argument("--fix", action="store_true", help="write the edits that the messages propose into the files")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.fix and STDIN in options.files:
        wrong_use("--fix needs a file")
        return WRONG_USE
    found = {file: _check(file, options) for file in options.files}
    if options.json:
        documents = [{"file": file, "diagnostics": [to_json(each) for each in own]} for file, own in found.items()]
        print_json(documents if len(documents) > 1 else documents[0])
    else:
        for file, own in found.items():
            print_diagnostics(own)
            if not own:
                print(f"{file}: no mistakes found")
    return ERRORS if any(has_errors(own) for own in found.values()) else FINE


def _check(file: str, options: argparse.Namespace) -> tuple[Diagnostic, ...]:
    """All messages about one file, after its fixes where they are wanted."""
    resolved = resolve_file(file, options)
    for _ in range(_ROUNDS if options.fix else 0):
        if not _mend(resolved):
            break
        resolved = resolve_file(file, options)
    return messages(resolved)


def _mend(resolved: Resolved) -> bool:
    """Write the fixes into the files that they concern; whether any file changed."""
    changed = False
    for source in resolved.sources:
        text = apply_fixes(source, resolved.diagnostics)
        if text != source.text and source.path:
            Path(source.path).write_text(text, encoding="utf-8")
            changed = True
    return changed
