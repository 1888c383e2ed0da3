"""Diagnostics as text for a terminal, as data for `--json`, and as edits."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from metaspec.diagnostics.model import Diagnostic, Severity
from metaspec.source import Source, Span

Painter = Callable[[str, str], str]

_TAB = 4
_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_BLUE = "\x1b[1;34m"
_GREEN = "\x1b[1;32m"
_COLORS = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m", Severity.NOTE: "\x1b[1;36m"}


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """The message, the marked line of the user's file, related places and ways out. No line end."""
    paint = _painter(color)
    tone = _COLORS[diagnostic.severity]
    head = paint(f"{diagnostic.severity}[{diagnostic.code}]", tone)
    lines = [head + paint(f": {_clean(diagnostic.message)}", _BOLD)]
    spans = [span for span in (diagnostic.span, *(span for span, _ in diagnostic.related)) if span]
    gutter = max((len(str(span.line)) for span in spans), default=1)
    edge = " " * gutter + " " + paint("|", _BLUE)
    if diagnostic.span is not None:
        lines.append(" " * gutter + paint("--> ", _BLUE) + diagnostic.span.where)
        lines += _excerpt(diagnostic.span, diagnostic.label, "^", gutter, edge, paint, tone)
    for span, remark in diagnostic.related:
        lines.append(" " * gutter + paint("::: ", _BLUE) + span.where)
        lines += _excerpt(span, remark, "-", gutter, edge, paint, _BLUE)
    helps = list(diagnostic.help)
    if diagnostic.fix is not None:
        helps.append(f"{diagnostic.fix.title} (`metaspec check --fix` does it)")
    prefix = " " * gutter + f" {paint('=', _BLUE)} {paint('help', _GREEN)}: "
    lines += [prefix + _clean(text) for text in helps]
    return "\n".join(lines)


def render_all(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All messages, an empty line between two, and a line that counts errors and warnings."""
    shown = list(diagnostics)
    parts = [render(each, color=color) for each in shown]
    counts = [
        _count(sum(each.severity is severity for each in shown), severity)
        for severity in (Severity.ERROR, Severity.WARNING)
    ]
    parts += [", ".join(count for count in counts if count)] if any(counts) else []
    return "\n\n".join(parts)


def _count(number: int, severity: Severity) -> str:
    return f"{number} {severity}{'s' if number > 1 else ''}" if number else ""


def _excerpt(span: Span, remark: str, mark: str, gutter: int, edge: str, paint: Painter, tone: str) -> list[str]:
    """The first line of the span with its marks; a span over several lines is marked to its line's end."""
    text = span.source.line(span.line)
    first = span.column - 1
    last = min(first + max(span.end - span.start, 1), max(len(text), first + 1))
    margin = sum(_width(character) for character in text[:first])
    width = max(sum(_width(character) for character in text[first:last]), 1)
    marks = " " * margin + paint(mark * width + (f" {_clean(remark)}" if remark else ""), tone)
    shown = "".join(" " * _TAB if c == "\t" else _clean(c) for c in text).rstrip()
    return [edge, f"{paint(f'{span.line:>{gutter}} |', _BLUE)} {shown}".rstrip(), f"{edge} {marks}"]


def _width(character: str) -> int:
    """Columns that a character takes on a terminal."""
    if character == "\t":
        return _TAB
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _clean(text: str) -> str:
    """Control characters of a stranger's file must not reach the terminal."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(c) else c for c in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) == "Cc" and character != "\n"


def _painter(color: bool) -> Painter:
    return (lambda text, tone: f"{tone}{text}{_RESET}") if color else (lambda text, tone: text)


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """The diagnostic as plain data. Lines and columns count from 1, offsets from 0."""
    fix = diagnostic.fix
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "place": _place(diagnostic.span),
        "label": diagnostic.label,
        "related": [{"place": _place(span), "remark": remark} for span, remark in diagnostic.related],
        "help": list(diagnostic.help),
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "edits": [{"place": _place(span), "text": text} for span, text in fix.edits],
        },
    }


def _place(span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    end_line, end_column = span.end_position
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
        "start": span.start,
        "end": span.end,
    }


def apply_fixes(source: Source, diagnostics: Sequence[Diagnostic]) -> str:
    """The text of `source` with the edits of all fixes that concern it.

    A fix is applied whole or not at all: one that overlaps an earlier one, or touches another source,
    is left for the next run.
    """
    taken: list[tuple[int, int, str]] = []
    for diagnostic in diagnostics:
        if diagnostic.fix is None:
            continue
        edits = [(span.start, span.end, text) for span, text in diagnostic.fix.edits]
        if any(span.source is not source for span, _ in diagnostic.fix.edits):
            continue
        if not any(_overlap(edit, other) for edit in edits for other in taken):
            taken += edits
    text = source.text
    for start, end, new in sorted(taken, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _overlap(a: tuple[int, int, str], b: tuple[int, int, str]) -> bool:
    """Whether two edits share characters, or insert at one place."""
    return (a[0] < b[1] and b[0] < a[1]) or a[0] == b[0]
