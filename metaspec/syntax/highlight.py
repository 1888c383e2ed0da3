"""Which part of a text is what, for colours in terminals, pages and editors. Takes any text."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from metaspec.syntax.tokens import FAULTY, KEYWORDS, Token, TokenKind, scan

_SWEEP_WORDS = frozenset({"grid", "zip", "list", "when", "is", "search"})
_RESET = "\x1b[0m"


class TokenClass(StrEnum):
    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    CONSTANT = "constant"
    KEYWORD = "keyword"
    LEARNED = "learned"
    KIND = "kind"
    FUNCTION = "function"
    FIELD = "field"
    NAME = "name"
    SIGN = "sign"
    FAULT = "fault"


_PLAIN = {
    TokenKind.COMMENT: TokenClass.COMMENT,
    TokenKind.STRING: TokenClass.STRING,
    TokenKind.NUMBER: TokenClass.NUMBER,
    **{kind: TokenClass.FAULT for kind in FAULTY},
}
_ANSI = {
    TokenClass.COMMENT: "\x1b[2m",
    TokenClass.STRING: "\x1b[32m",
    TokenClass.NUMBER: "\x1b[36m",
    TokenClass.CONSTANT: "\x1b[36m",
    TokenClass.KEYWORD: "\x1b[1;34m",
    TokenClass.LEARNED: "\x1b[1;35m",
    TokenClass.KIND: "\x1b[33m",
    TokenClass.FUNCTION: "\x1b[33m",
    TokenClass.FAULT: "\x1b[31m",
}


@dataclass(frozen=True, slots=True)
class Highlight:
    """The characters `start` to `end` (excluded) are of one class."""

    start: int
    end: int
    kind: TokenClass


def highlight(text: str) -> tuple[Highlight, ...]:
    """The classes of all tokens, in order, without overlap; white space has none."""
    tokens = scan(text)
    words = [token for token in tokens if token.kind is not TokenKind.COMMENT]
    following = {word.start: after for word, after in pairwise(words)}
    marked: list[Highlight] = []
    depth = 0
    block = ""
    before: Token | None = None
    for token in tokens:
        kind = _PLAIN.get(token.kind, TokenClass.SIGN)
        if token.kind is TokenKind.WORD:
            kind = _word(token, before, following.get(token.start), depth, block)
            block = token.text if depth == 0 and kind is TokenClass.KEYWORD else block
        depth += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
        depth = max(depth, 0)
        before = token if token.kind is not TokenKind.COMMENT else before
        marked.append(Highlight(token.start, token.end, kind))
    return tuple(marked)


def _word(token: Token, before: Token | None, after: Token | None, depth: int, block: str) -> TokenClass:
    is_value = before is not None and before.kind in (TokenKind.ASSIGN, TokenKind.COMPARE, TokenKind.OPERATOR)
    if depth == 0 and not is_value:
        is_import_word = token.text in ("python", "as") and block == "import"
        return TokenClass.KEYWORD if token.text in KEYWORDS or is_import_word else TokenClass.NAME
    if token.text in ("true", "false"):
        return TokenClass.CONSTANT
    if after is not None and after.text == "(":
        return TokenClass.LEARNED if token.text == "learned" else TokenClass.FUNCTION
    if after is not None and after.kind in (TokenKind.ASSIGN, TokenKind.COMPARE) and not is_value:
        return TokenClass.FIELD
    if depth == 1 and block == "sweep" and token.text in _SWEEP_WORDS and not is_value:
        return TokenClass.KEYWORD
    if block == "sweep" and before is not None and before.text in ("list", "when"):
        return TokenClass.KEYWORD if token.text in KEYWORDS else TokenClass.NAME
    is_kind = (depth == 0 and block != "let") or (after is not None and after.text == "{")
    return TokenClass.KIND if is_kind else TokenClass.NAME


def to_terminal(text: str) -> str:
    """The text with ANSI colours; without them it is the same text."""
    return _wrap(text, lambda kind, piece: f"{_ANSI[kind]}{piece}{_RESET}" if kind in _ANSI else piece, str)


def to_html(text: str) -> str:
    """The text escaped for HTML, with `<span class="meta-..">` around each token that has a class."""

    def mark(kind: TokenClass, piece: str) -> str:
        escaped = html.escape(piece)
        return escaped if kind is TokenClass.SIGN else f'<span class="meta-{kind}">{escaped}</span>'

    return _wrap(text, mark, html.escape)


def _wrap(text: str, mark: Callable[[TokenClass, str], str], plain: Callable[[str], str]) -> str:
    parts: list[str] = []
    at = 0
    for piece in highlight(text):
        parts += [plain(text[at : piece.start]), mark(piece.kind, text[piece.start : piece.end])]
        at = piece.end
    return "".join([*parts, plain(text[at:])])
