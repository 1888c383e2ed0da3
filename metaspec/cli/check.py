"""`metaspec check FILE`"""

from __future__ import annotations

import argparse
from pathlib import Path

from metaspec.cli.arguments import STDIN, add_json, add_spec, resolve_spec
from metaspec.cli.exits import WRONG_USE
from metaspec.cli.output import report, wrong_use
from metaspec.diagnostics.render import apply_fixes
from metaspec.resolve import Resolved
from metaspec.resolve.checks.readiness import not_ready

_ROUNDS = 10  # one fix can uncover the next


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    add_json(parser)
    parser.add_argument("--fix", action="store_true", help="write the edits that the messages propose into the files")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.fix and options.file == STDIN:
        wrong_use("--fix needs a file")
        return WRONG_USE
    resolved = resolve_spec(options)
    for _ in range(_ROUNDS if options.fix else 0):
        if not _mend(resolved):
            break
        resolved = resolve_spec(options)
    found = (*resolved.diagnostics, *not_ready(resolved))
    code = report(found, options.json, {"file": options.file})
    if not options.json and not found:
        print(f"{options.file}: no mistakes found")
    return code


def _mend(resolved: Resolved) -> bool:
    """Write the fixes into the files that they concern; whether any file changed."""
    changed = False
    for source in resolved.sources:
        text = apply_fixes(source, resolved.diagnostics)
        if text != source.text and source.path:
            Path(source.path).write_text(text, encoding="utf-8")
            changed = True
    return changed
