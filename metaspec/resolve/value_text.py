"""A value inside a longer text, such as the right side of `inner.lr=0.2`: its places are those in the whole text."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from metaspec.diagnostics import Diagnostic
from metaspec.source import Source, Span
from metaspec.syntax import tree
from metaspec.syntax.parser import parse_value


def parse_rest(source: Source, start: int) -> tuple[tree.Value | None, tuple[Diagnostic, ...]]:
    """The value that a text holds from an offset to its end; None after an error."""
    blank = "".join("\n" if character == "\n" else " " for character in source.text[:start])
    value, problems = parse_value(Source(source.name, blank + source.text[start:]))
    return _in_source(value, source), _in_source(problems, source)


def _in_source(value: Any, source: Source) -> Any:
    """A copy with every span in `source`, at the same offsets."""
    if isinstance(value, Span):
        return Span(source, value.start, value.end)
    if isinstance(value, tuple):
        return tuple(_in_source(each, source) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _in_source(getattr(value, each.name), source) for each in fields(value)})
    return value
