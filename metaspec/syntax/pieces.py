"""Mistakes inside one piece of a text, its quotes, number, unit or brackets: rules of `metaspec.syntax.mistakes`.

Most are how other languages write the same thing, so the right form is known and is offered as an edit.
"""

from __future__ import annotations

import re

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.source import Span
from metaspec.syntax import phrases
from metaspec.syntax.scene import Scene
from metaspec.syntax.tokens import FAULTY, TokenKind
from metaspec.units import meant_unit

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


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
            return quoted_name(scene) or error(
                "E0118",
                'a text stands between two `"`',
                span,
                fix=_replace(span, '"' + text[1:-1].replace('"', '\\"') + '"'),
            )
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


def quoted_name(scene: Scene) -> Diagnostic | None:
    """`task sine = "sinusoid"`: a name in quotes, where no text can stand."""
    if scene.here is None or "NAME" not in scene.accepted or "STRING" in scene.accepted:
        return None
    text, span = scene.here.text[1:-1], scene.span(scene.here)
    if scene.here.kind not in (TokenKind.STRING, TokenKind.SINGLE_QUOTED) or not _NAME.fullmatch(text):
        return None
    return error("E0118", "a name has no quotes around it", span, fix=_replace(span, text))


def unit_apart(scene: Scene) -> Diagnostic | None:
    """`30 s`, `5 minutes`: read as the number and the name of a next field."""
    number, word = scene.last(2), scene.last()
    if scene.here is not None and scene.here.kind is TokenKind.WORD and meant_unit(scene.here.text):
        number, word = scene.last(), scene.here
    if number is None or word is None or number.kind is not TokenKind.NUMBER:
        return None
    unit = meant_unit(word.text) if word.kind is TokenKind.WORD and scene.same_line(number, word) else None
    if unit is None:
        return None
    span = Span(scene.source, number.start, word.end)
    right = number.text + unit.name
    return error("E0113", f"a unit is glued to its number: `{right}`", span, fix=_replace(span, right))


def comma_in_number(scene: Scene) -> Diagnostic | None:
    """`5,000` and `0,01`: read as the end of one value and the beginning of the next."""
    if scene.here is None:
        return None
    noticed = scene.last() if scene.here.kind is TokenKind.NUMBER else scene.here  # the first comma, or after it
    if noticed is None or noticed.kind is not TokenKind.COMMA:
        return None
    at = scene.tokens.index(noticed)
    parts = [*scene.tokens[max(at - 1, 0) : at]]
    for sign, token in zip(scene.tokens[at::2], scene.tokens[at + 1 :: 2], strict=False):
        if not parts or sign.kind is not TokenKind.COMMA or parts[-1].end != sign.start or sign.end != token.start:
            break
        parts.append(token)
    if len(parts) < 2 or not all(part.kind is TokenKind.NUMBER for part in parts) or not parts[0].text.isdecimal():
        return None
    first, second = parts[:2]
    span = Span(scene.source, first.start, parts[-1].end)
    thousands = first.text != "0" and all(re.fullmatch("[0-9]{3}", part.text) for part in parts[1:])
    if thousands:
        right, message = "_".join(part.text for part in parts), "the digits of a number are grouped with `_`"
    elif len(parts) == 2 and "." not in second.text:
        right, message = f"{first.text}.{second.text}", "a number has a point before its decimals"
    else:
        return error("E0126", "a list stands between `[` and `]`", span, fix=_replace(span, f"[{span.text}]"))
    return error("E0107", message, span, fix=_replace(span, right))


def round_list(scene: Scene) -> Diagnostic | None:
    """`hidden = (40, 40)`: brackets of arithmetic around a list."""
    here = scene.here
    if here is None or not scene.open or scene.open[-1].text != "(":
        return None
    opened = scene.open[-1]
    before = next((token for token in reversed(scene.before) if token.end <= opened.start), None)
    empty = here.text == ")" and scene.last() is opened
    if (here.kind is not TokenKind.COMMA and not empty) or before is None or before.kind is TokenKind.WORD:
        return None
    closing = scene.closing()
    fix = Fix("write `[` and `]`", ((scene.span(opened), "["), (scene.span(closing), "]"))) if closing else None
    span = scene.span(opened) if closing is None else scene.span(opened).to(scene.span(closing))
    return error("E0126", "a list stands between `[` and `]`", span, fix=fix)


# --- edits ---------------------------------------------------------------------------------------


def _replace(span: Span, text: str) -> Fix:
    """The text in the place of what stands there."""
    return Fix(f"write `{text}`", ((span, text),))


def _semicolon(scene: Scene) -> Fix:
    here, after = scene.here, scene.after
    assert here is not None
    inside = bool(scene.open) and after is not None and after.kind is not TokenKind.CLOSE
    if inside and after is not None and scene.same_line(here, after):
        return Fix("write a comma", ((scene.span(here), ","),))
    return Fix("remove `;`", ((scene.span(here), ""),))


_POINT_WITHOUT_DIGIT = re.compile(r"([0-9_]*)\.([0-9_]*)((?:[eE][+-]?[0-9]+)?(?:[A-Za-z]+|%)?)")


def _mended_number(text: str) -> str | None:
    """`.5` -> `0.5`, `5.` -> `5.0`, `1__000_` -> `1_000`; None where the meaning is not clear."""
    joined = re.sub(r"_+", "_", text).rstrip("_")
    if re.fullmatch(r"[0-9]+(_[0-9]+)*", joined):
        return joined
    match = _POINT_WITHOUT_DIGIT.fullmatch(joined)
    if match is None:
        return None
    return f"{match.group(1) or '0'}.{match.group(2) or '0'}{match.group(3)}"
