"""The cause of a syntax error, in words of the language.

Lark gives the place where no rule goes on and what could stand there. The common mistakes are told
apart by the words before that place: one function for each, the first that knows the case speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.source import Source, Span
from metaspec.syntax import phrases
from metaspec.syntax.build import unknown_block
from metaspec.syntax.scene import CLOSER, Scene, open_brackets
from metaspec.syntax.tokens import FAULTY, KEYWORDS, Token, TokenKind, scan
from metaspec.units import find_unit

_VALUE_ENDS = frozenset({TokenKind.NUMBER, TokenKind.STRING, TokenKind.WORD, TokenKind.CLOSE})
_VALUE_STARTS = frozenset({TokenKind.NUMBER, TokenKind.STRING, TokenKind.WORD, TokenKind.OPEN})
_SIGNS = frozenset({TokenKind.ASSIGN, TokenKind.COMPARE})
_TAKE_NAMES = frozenset({"task", "cluster", "model", "sweep", "let"})
"""Keywords after which the name of a block may stand."""

_AWAITS_VALUE = frozenset({TokenKind.ASSIGN, TokenKind.COMPARE, TokenKind.OPERATOR})


def diagnose(source: Source, at: int, accepted: frozenset[str], *, is_value: bool = False) -> Diagnostic:
    """The message for a text that cannot be parsed beyond the offset `at`.

    `accepted` are the terminals that the grammar allows there; `is_value` says that the text is one value
    and not a file.
    """
    tokens = [token for token in scan(source.text) if token.kind is not TokenKind.COMMENT]
    # A faulty piece may begin before the place at which the parser noticed it: `//`, `.5`, `**`.
    index = next((i for i, t in enumerate(tokens) if t.end > at or t.kind in FAULTY), len(tokens))
    scene = Scene(
        source,
        tuple(tokens[:index]),
        tokens[index] if index < len(tokens) else None,
        tuple(tokens[index + 1 :]),
        open_brackets(tokens[:index]),
        accepted,
        is_value,
    )
    for rule in _RULES:
        found = rule(scene)
        if found is not None:
            return found
    return _unexpected(scene)


# --- the rules, most certain first ---------------------------------------------------------------


def _faulty_piece(scene: Scene) -> Diagnostic | None:
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


def _unit_apart(scene: Scene) -> Diagnostic | None:
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


def _missing_opener(scene: Scene) -> Diagnostic | None:
    """`train iterations = 10 }`: fields after the head of a block, and a closing brace too many."""
    if scene.is_value or scene.surplus_braces() <= 0:
        return None
    depth = 0
    for head, word, sign in zip(scene.tokens, scene.tokens[1:], scene.tokens[2:], strict=False):
        depth += (head.kind is TokenKind.OPEN) - (head.kind is TokenKind.CLOSE)
        if depth == 0 and head.text == "}":
            return None  # the block was opened, and is closed too early
        if depth or head.kind is not TokenKind.WORD or head.text in _TAKE_NAMES:
            continue
        if word.kind is TokenKind.WORD and word.text not in KEYWORDS and sign.kind in _SIGNS:
            place = Span(scene.source, head.end, head.end)
            fix = Fix("write `{`", ((place, " {"),))
            message = f"`{{` is missing after `{head.text}`"
            return error("E0125", message, scene.span(word), label="before this", fix=fix)
    return None


def _missing_value(scene: Scene) -> Diagnostic | None:
    """Nothing after `=`, a comparison or an operator; or the next field taken for the value."""
    last, before = scene.last(), scene.last(2)
    if last is not None and last.kind in _AWAITS_VALUE:
        if scene.here is None or scene.here.kind not in _VALUE_STARTS:
            return _no_value_after(scene, last)
        return None
    if scene.here is None or scene.here.kind not in _SIGNS or last is None or before is None:
        return None
    if last.kind is TokenKind.WORD and before.kind in _AWAITS_VALUE:
        return _no_value_after(scene, before)
    return None


def _no_value_after(scene: Scene, sign: Token) -> Diagnostic:
    index = scene.before.index(sign)
    field = scene.before[index - 1] if index > 0 else None
    at = Span(scene.source, sign.start, sign.end)
    if not scene.open and not scene.is_value and _item_word(scene) not in ("let", None):
        return error("E0122", "the kind of the block is missing", at, label="a kind is expected after this")
    if sign.kind is TokenKind.ASSIGN and field is not None and field.kind is TokenKind.WORD:
        return error("E0108", f"`{field.text}` has no value", at, label="a value is expected after this")
    return error("E0108", f"nothing follows `{sign.text}`", at, label="a value is expected after this")


def _stray_closer(scene: Scene) -> Diagnostic | None:
    here = scene.here
    if here is None or here.kind is not TokenKind.CLOSE or scene.open:
        return None
    span = scene.span(here)
    fix = Fix(f"remove `{here.text}`", ((span, ""),))
    return error("E0114", f"`{here.text}` closes nothing", span, fix=fix)


def _wrong_closer(scene: Scene) -> Diagnostic | None:
    """`[1, 2 }`: the innermost bracket is of another kind."""
    here = scene.here
    if here is None or here.kind is not TokenKind.CLOSE or CLOSER[scene.open[-1].text] == here.text:
        return None
    opened = scene.open[-1]
    return _not_closed(scene, opened, scene.span(here), f"`{CLOSER[opened.text]}` is expected before this")


def _not_closed(scene: Scene, opened: Token, at: Span, label: str) -> Diagnostic:
    closer = CLOSER[opened.text]
    place = scene.after_last()
    text = closer if opened.text != "{" else f" {closer}"
    if opened.text == "{" and "\n" in scene.source.text[opened.end : place.start]:
        line = scene.source.line(scene.span(opened).line)
        text = "\n" + line[: len(line) - len(line.lstrip())] + closer
    return error(
        "E0103",
        f"`{opened.text}` is not closed",
        at,
        label=label,
        related=((scene.span(opened), "opened here"),),
        fix=Fix(f"write `{closer}`", ((place, text),)),
    )


def _unclosed(scene: Scene) -> Diagnostic | None:
    """The stretch ends inside brackets."""
    if scene.here is not None or not scene.open:
        return None
    blamed = _by_indentation(scene) or scene.open[-1]
    closer = CLOSER[blamed.text]
    if blamed is scene.open[-1]:
        return _not_closed(scene, blamed, scene.after_last(), f"`{closer}` is expected here")
    # Where the closing bracket belongs is not certain, so no edit is offered.
    span = scene.span(blamed)
    return error("E0103", f"`{blamed.text}` is not closed", span, label=f"no `{closer}` for this one")


def _by_indentation(scene: Scene) -> Token | None:
    """The bracket that lost its closer to one further out, judged by the indentation of lines."""
    stack: list[Token] = []
    for token in scene.before:
        if token.kind is TokenKind.OPEN:
            stack.append(token)
        elif token.kind is TokenKind.CLOSE and stack:
            line = scene.source.line(scene.span(token).line)
            opening = scene.source.line(scene.span(stack[-1]).line)
            if line.lstrip().startswith(token.text) and _indent(line) < _indent(opening):
                return stack[-1]
            stack.pop()
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stray_comma(scene: Scene) -> Diagnostic | None:
    here = scene.here
    if here is None or here.kind is not TokenKind.COMMA:
        return None
    last = scene.last()
    span = scene.span(here)
    remove = Fix("remove the comma", ((span, ""),))
    if not scene.open:
        if last is not None and last.text == "}" and scene.surplus_braces() > 0:
            label = "the block goes on after this"
            return error("E0114", "`}` closes a block too early", scene.span(last), label=label)
        message = "no comma stands after a value" if scene.is_value else "no comma stands between blocks"
        return error("E0110", message, span, fix=remove)
    if last is not None and last.kind in (TokenKind.COMMA, TokenKind.OPEN):
        return error("E0110", "there is a comma too many", span, fix=remove)
    return None


def _missing_assign(scene: Scene) -> Diagnostic | None:
    """`lr 0.4`, or `lr` alone, where a field begins."""
    last, before = scene.last(), scene.last(2)
    if last is None or last.kind is not TokenKind.WORD or not scene.open or scene.open[-1].text != "{":
        return None
    if before is None or not _may_end_entry(before) or "EQUAL" not in scene.accepted:
        return None
    if scene.here is not None and scene.here.kind in _VALUE_STARTS:
        braces = scene.here.text == "{"
        if braces and scene.surplus_braces() < 0 and not scene.same_line(scene.open[-1], scene.here):
            return _not_closed(scene, scene.open[-1], scene.span(last), "`}` is expected before this")
        place = Span(scene.source, last.end, last.end)
        # Before braces, `list`, `when` or a kind may be missing as well.
        fix = Fix("write `=`", ((place, " ="),)) if not braces else None
        message = f"`=` is missing after `{last.text}`"
        return error("E0104", message, scene.place(), label="before this", fix=fix)
    return error("E0104", f"`{last.text}` has no `=` and no value", scene.span(last))


def _may_end_entry(token: Token) -> bool:
    return token.kind in _VALUE_ENDS or token.kind is TokenKind.COMMA or token.text == "{"


def _missing_comma(scene: Scene) -> Diagnostic | None:
    here, last = scene.here, scene.last()
    if here is None or last is None or not scene.open or scene.open[-1].text == "{":
        return None
    if here.kind not in _VALUE_STARTS or last.kind not in _VALUE_ENDS:
        return None
    if not scene.closes_later():
        opened = scene.open[-1]
        return _not_closed(scene, opened, scene.after_last(), f"`{CLOSER[opened.text]}` is expected here")
    place = Span(scene.source, last.end, last.end)
    fix = Fix("write a comma", ((place, ","),))
    where = "values of a list" if scene.open[-1].text == "[" else "values between brackets"
    return error("E0121", f"{where} are separated by commas", scene.span(here), label="before this", fix=fix)


def _outside_block(scene: Scene) -> Diagnostic | None:
    """Something at the top of a file that begins no block."""
    if scene.is_value or scene.open:
        return None
    begin = _item_start(scene)
    if begin is None or begin.text in KEYWORDS:
        return None
    if begin.kind is not TokenKind.WORD:
        return None
    closed = next((t for t in reversed(scene.before) if t.end <= begin.start), None)
    if closed is not None and closed.text == "}" and begin is not scene.before[0]:
        related = ((scene.span(closed), "the block before ends here"),)
        message = f"`{begin.text}` stands outside of all blocks"
        return error("E0115", message, scene.span(begin), related=related)
    return unknown_block(begin.text, scene.span(begin))


def _missing_name(scene: Scene) -> Diagnostic | None:
    """No name after `let` or `as`, or before the `=` of a field."""
    last = scene.last()
    if scene.here is not None and scene.here.kind in _SIGNS and scene.open and scene.open[-1].text == "{":
        message = f"the name of a field is missing before `{scene.here.text}`"
        return error("E0123", message, scene.place())
    if last is None or last.text not in ("let", "as") or "NAME" not in scene.accepted or scene.open:
        return None
    message = f"`{last.text}` is followed by a name"
    return error("E0123", message, scene.place(), label="a name is expected here")


def _missing_kind(scene: Scene) -> Diagnostic | None:
    """`outer = 1e-3`"""
    last, word = scene.last(), _item_word(scene)
    if scene.open or last is None or last.kind is not TokenKind.ASSIGN or word in (None, "let"):
        return None
    braces = scene.here is not None and scene.here.text == "{"
    label = "the kind is missing before this" if braces else "this is no name"
    message = f"after `{word} =` stands a kind, or the name of a block"
    return error("E0122", message, scene.place(), label=label)


def _round_brackets(scene: Scene) -> Diagnostic | None:
    """`inner = sgd(lr = 0.4)`"""
    if scene.here is None or scene.here.text != "(" or scene.open or "LBRACE" not in scene.accepted:
        return None
    return error("E0124", "the fields of a block stand between `{` and `}`", scene.place())


def _item_start(scene: Scene) -> Token | None:
    """The word at which the item with the failure begins, outside of all brackets."""
    depth = 0
    begin: Token | None = None
    sealed = True
    for token in (*scene.before, *((scene.here,) if scene.here else ())):
        if depth == 0 and sealed:
            begin, sealed = token, False
        if token.kind is TokenKind.OPEN:
            depth += 1
        elif token.kind is TokenKind.CLOSE:
            depth -= 1
            sealed = depth == 0 and token.text == "}"
        elif depth == 0 and token.text in KEYWORDS:
            begin = token
    return begin


def _item_word(scene: Scene) -> str | None:
    begin = _item_start(scene)
    return begin.text if begin is not None and not scene.is_value else None


_RULES: tuple[Callable[[Scene], Diagnostic | None], ...] = (
    _faulty_piece,
    _unit_apart,
    _missing_opener,
    _outside_block,
    _missing_value,
    _stray_closer,
    _missing_assign,
    _unclosed,
    _wrong_closer,
    _stray_comma,
    _missing_comma,
    _missing_name,
    _missing_kind,
    _round_brackets,
)


def _unexpected(scene: Scene) -> Diagnostic:
    """The general message: what stands there, and what could."""
    expected = phrases.expected(scene.accepted, inside=bool(scene.open), is_value=scene.is_value)
    if scene.here is None:
        what = "the value ends too early" if scene.is_value else "the block ends too early"
        if not scene.before:
            what = "a value is missing" if scene.is_value else "there is nothing here"
    else:
        what = f"`{phrases.shown(scene.here.text)}` cannot stand here"
    return error("E0102", what, scene.place(), label=f"expected {expected}" if expected else "")


# --- edits ---------------------------------------------------------------------------------------


def _replace(span: Span, text: str) -> Fix:
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
