"""The cause of a syntax error, in words of the language.

Lark gives the place where no rule goes on and what could stand there. The common mistakes are told
apart by the words before that place: one function for each, the first that knows the case speaks.
"""

from __future__ import annotations

from collections.abc import Callable

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.source import Source, Span
from metaspec.syntax import brackets, phrases, pieces
from metaspec.syntax.build import unknown_block
from metaspec.syntax.scene import Scene, open_brackets
from metaspec.syntax.tokens import CLOSER, FAULTY, KEYWORDS, SIGNS, Token, TokenKind, scan

_VALUE_ENDS = frozenset({TokenKind.NUMBER, TokenKind.STRING, TokenKind.WORD, TokenKind.CLOSE})
_VALUE_STARTS = frozenset({TokenKind.NUMBER, TokenKind.STRING, TokenKind.WORD, TokenKind.OPEN})
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


def _missing_value(scene: Scene) -> Diagnostic | None:
    """Nothing after `=`, a comparison or an operator; or the next field taken for the value."""
    last, before = scene.last(), scene.last(2)
    if last is not None and last.kind in _AWAITS_VALUE:
        if scene.here is None or scene.here.kind not in _VALUE_STARTS:
            return _no_value_after(scene, last)
        return None
    if scene.here is None or scene.here.kind not in SIGNS or last is None or before is None:
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
            return brackets.not_closed(scene, scene.open[-1], scene.span(last), "`}` is expected before this")
        place = Span(scene.source, last.end, last.end)
        # Before braces, `list`, `when` or a kind may be missing as well.
        fix = Fix("write `=`", ((place, " ="),)) if not braces else None
        message = f"`=` is missing after `{last.text}`"
        return error("E0104", message, scene.place(), label="before this", fix=fix)
    return error("E0104", f"`{last.text}` has no `=` and no value", scene.span(last))


def _missing_assign_of_block(scene: Scene) -> Diagnostic | None:
    """`task sine sinusoid { .. }`, `let ways 5`: a kind or a value right after the name."""
    last, here = scene.last(), scene.here
    if scene.open or scene.is_value or last is None or here is None or "EQUAL" not in scene.accepted:
        return None
    if here.kind not in _VALUE_STARTS or here.text in (*KEYWORDS, "{") or not scene.same_line(last, here):
        return None
    fix = Fix("write `=`", ((Span(scene.source, last.end, last.end), " ="),))
    return error("E0104", f"`=` is missing after `{last.text}`", scene.place(), label="before this", fix=fix)


def _may_end_entry(token: Token) -> bool:
    return token.kind in _VALUE_ENDS or token.kind is TokenKind.COMMA or token.text == "{"


def _missing_comma(scene: Scene) -> Diagnostic | None:
    here, last = scene.here, scene.last()
    if here is None or last is None or not scene.open or scene.open[-1].text == "{":
        return None
    if here.kind not in _VALUE_STARTS or last.kind not in _VALUE_ENDS:
        return None
    if scene.closing() is None:
        opened = scene.open[-1]
        return brackets.not_closed(scene, opened, scene.after_last(), f"`{CLOSER[opened.text]}` is expected here")
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
    if scene.here is not None and scene.here.kind in SIGNS and scene.open and scene.open[-1].text == "{":
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
    pieces.faulty_piece,
    pieces.unit_apart,
    pieces.comma_in_number,
    pieces.round_list,
    pieces.quoted_name,
    brackets.missing_opener,
    _outside_block,
    _missing_value,
    brackets.stray_closer,
    _missing_assign,
    _missing_assign_of_block,
    brackets.unclosed,
    brackets.wrong_closer,
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
