"""Pieces that stand in no correct text, and numbers apart from their units: rules of `metaspec.syntax.mistakes`."""

from __future__ import annotations

import re

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.source import Span
from metaspec.syntax import phrases
from metaspec.syntax.scene import Scene
from metaspec.syntax.tokens import FAULTY, TokenKind
from metaspec.units import find_unit

_POINT_WITHOUT_DIGIT = re.compile(r"([0-9_]*)\.([0-9_]*)((?:[eE][+-]?[0-9]+)?(?:[A-Za-z]+|%)?)")


def faulty_piece(scene: Scene) -> Diagnostic | None:
    """A piece that stands in no correct text."""
    if scene.here is None or scene.here.kind not in FAULTY:
        return None
    span, text = scene.span(scene.here), scene.here.text
    fix: Fix | None
    match scene.here.kind:
        case TokenKind.UNCLOSED_STRING:
            return error("E0106", 'the text has no closing `"` on its line', span, label="begins here")
        case TokenKind.SINGLE_QUOTED:
            fix = _replace(span, '"' + text[1:-1].replace('"', '\\"') + '"')
            return error("E0118", 'a text stands between two `"`', span, fix=fix)
        case TokenKind.SLASH_COMMENT:
            fix = _replace(span, "# " + text[2:].strip()) if text.startswith("//") else None
            return error("E0109", "a comment begins with `#`", span, fix=fix)
        case TokenKind.BROKEN_NUMBER:
            right = _mended_number(text)
            fix = _replace(span, right) if right else None
            return error("E0107", f"`{text}` cannot be read as a number", span, fix=fix)
        case TokenKind.POWER:
            return error("E0119", f"there is no operator `{text}`", span, help=("write the result out",))
        case TokenKind.COLON:
            at = Span(span.source, scene.before[-1].end if scene.before else span.start, span.end)
            tight = scene.after is not None and scene.after.start == span.end
            fix = Fix("write `=`", ((at, " = " if tight else " ="),))
            return error("E0105", "`=` stands between a field and its value", span, fix=fix)
        case TokenKind.SEMICOLON:
            message = "there is no `;`: a comma or a new line separates"
            return error("E0111", message, span, fix=_semicolon(scene))
    return error("E0101", f"`{phrases.shown(text)}` has no meaning here", span)


def unit_apart(scene: Scene) -> Diagnostic | None:
    """`30 s`: read as the number 30 and the name of a next field."""
    number, word = scene.last(2), scene.last()
    if scene.here is not None and scene.here.kind is TokenKind.WORD and find_unit(scene.here.text):
        number, word = scene.last(), scene.here
    if number is None or word is None or number.kind is not TokenKind.NUMBER:
        return None
    if word.kind is not TokenKind.WORD or not scene.same_line(number, word) or not find_unit(word.text):
        return None
    span = Span(scene.source, number.start, word.end)
    right = number.text + word.text
    return error("E0113", f"a unit is glued to its number: `{right}`", span, fix=_replace(span, right))


def _replace(span: Span, text: str) -> Fix:
    return Fix(f"write `{text}`", ((span, text),))


def _semicolon(scene: Scene) -> Fix:
    here, after = scene.here, scene.after
    assert here is not None
    inside = bool(scene.open) and after is not None and after.kind is not TokenKind.CLOSE
    if inside and after is not None and scene.same_line(here, after):
        return Fix("write a comma", ((scene.span(here), ","),))
    return Fix("remove `;`", ((scene.span(here), ""),))


def _mended_number(text: str) -> str | None:
    """`.5` -> `0.5`, `5.` -> `5.0`, `1__000_` -> `1_000`; None where the meaning is not clear."""
    joined = re.sub(r"_+", "_", text).rstrip("_")
    if re.fullmatch(r"[0-9]+(_[0-9]+)*", joined):
        return joined
    match = _POINT_WITHOUT_DIGIT.fullmatch(joined)
    if match is None:
        return None
    return f"{match.group(1) or '0'}.{match.group(2) or '0'}{match.group(3)}"
