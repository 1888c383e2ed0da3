"""The words of a text, comments and faulty pieces included.

The parser has its own contextual lexer, built from the grammar. This scanner serves what must work on
any text: the formatter (which keeps comments), highlighting, and the search for the cause of a syntax
error. On a correct text both cut at the same places, which a test compares.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

KEYWORDS = (
    "language",
    "import",
    "let",
    "task",
    "cluster",
    "model",
    "inner",
    "metagrad",
    "outer",
    "train",
    "schedule",
    "evaluate",
    "sweep",
    "expect",
)
"""The words that begin an item at the top of a file, in the order in which a file has them."""


class TokenKind(StrEnum):
    COMMENT = "comment"
    STRING = "string"
    NUMBER = "number"
    WORD = "word"
    OPEN = "open"
    CLOSE = "close"
    COMMA = "comma"
    ASSIGN = "assign"
    COMPARE = "compare"
    OPERATOR = "operator"
    # Pieces that no correct text has; each has a message of its own.
    UNCLOSED_STRING = "unclosed_string"
    SINGLE_QUOTED = "single_quoted"
    SLASH_COMMENT = "slash_comment"
    BROKEN_NUMBER = "broken_number"
    POWER = "power"
    COLON = "colon"
    SEMICOLON = "semicolon"
    STRAY = "stray"


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` are offsets in the whole text."""

    kind: TokenKind
    text: str
    start: int
    end: int


CLOSER = {"{": "}", "[": "]", "(": ")"}  # of each opening bracket
SIGNS = frozenset({TokenKind.ASSIGN, TokenKind.COMPARE})  # between a field and its value

# Pieces that stand in no correct text.
FAULTY = frozenset(
    {
        TokenKind.UNCLOSED_STRING,
        TokenKind.SINGLE_QUOTED,
        TokenKind.SLASH_COMMENT,
        TokenKind.BROKEN_NUMBER,
        TokenKind.POWER,
        TokenKind.COLON,
        TokenKind.SEMICOLON,
        TokenKind.STRAY,
    }
)

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_NUMBER = rf"{_DIGITS}(?:\.{_DIGITS})?(?:[eE][+-]?[0-9]+)?(?:[A-Za-z]+|%)?"
_WORD = r"[A-Za-z_][A-Za-z0-9_]*"

# The first that matches wins, so faulty forms that begin like correct ones come before them.
_PATTERNS: tuple[tuple[TokenKind, str], ...] = (
    (TokenKind.COMMENT, r"#[^\n]*"),
    (TokenKind.STRING, r'"(?:[^"\\\n]|\\.)*"'),
    (TokenKind.UNCLOSED_STRING, r'"(?:[^"\\\n]|\\.)*\\?'),
    (TokenKind.SINGLE_QUOTED, r"'[^'\n]*'"),
    (TokenKind.SLASH_COMMENT, r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?"),
    # `.5`, `5.`, `1__0` and `1.2.3`, but not the range `0..4`. The groups `(?>` give nothing back.
    (
        TokenKind.BROKEN_NUMBER,
        rf"(?<!\.)\.[0-9]\w*|(?>{_DIGITS})(?:\.(?![0-9.])(?:[eE][+-]?[0-9]+)?|_\w*)|(?>{_NUMBER})\.[0-9][\w.]*",
    ),
    (TokenKind.NUMBER, _NUMBER),
    (TokenKind.WORD, rf"{_WORD}(?:\.{_WORD})*"),
    (TokenKind.OPEN, r"[{\[(]"),
    (TokenKind.CLOSE, r"[}\])]"),
    (TokenKind.COMMA, r","),
    (TokenKind.COMPARE, r">=|<=|==|>|<"),
    (TokenKind.ASSIGN, r"="),
    (TokenKind.POWER, r"\*\*|\^"),
    (TokenKind.OPERATOR, r"\.\.|[-+*/]"),
    (TokenKind.COLON, r":"),
    (TokenKind.SEMICOLON, r";"),
    (TokenKind.STRAY, r"[^\s]"),
)
_SCANNER = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS))


def scan(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """All tokens between two offsets, in order; white space is left out. Takes any text."""
    return [
        Token(TokenKind(str(match.lastgroup)), match.group(), match.start(), match.end())
        for match in _SCANNER.finditer(text, start, len(text) if end is None else end)
    ]
