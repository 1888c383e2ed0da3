"""What goes to the terminal: diagnostics and JSON to stderr and stdout, colour where it is wanted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from metaspec.cli.exits import ERRORS, FINE
from metaspec.diagnostics import Diagnostic, has_errors
from metaspec.diagnostics.render import render_all, to_json


def wants_color(stream: TextIO) -> bool:
    """Whether a stream takes colour: a terminal, and no NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def print_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """To stderr; nothing where there are none."""
    text = render_all(diagnostics, color=wants_color(sys.stderr))
    if text:
        print(text, file=sys.stderr)


def print_json(document: Any) -> None:
    """One JSON document, the only thing on stdout."""
    print(json.dumps(document, indent=2, ensure_ascii=False))


def report(diagnostics: Iterable[Diagnostic], as_json: bool, document: dict[str, Any] | None = None) -> int:
    """Print the diagnostics, as JSON together with the document. The exit code that they mean."""
    shown = tuple(diagnostics)
    if as_json:
        print_json({**(document or {}), "diagnostics": [to_json(each) for each in shown]})
    else:
        print_diagnostics(shown)
    return ERRORS if has_errors(shown) else FINE


def wrong_use(message: str) -> None:
    """One line to stderr about the command line itself."""
    print(f"metaspec: {message}", file=sys.stderr)


def takes(stream: TextIO, text: str) -> bool:
    """Whether a stream's encoding has these characters."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
