"""Where parsing stopped: the words around the place, and the brackets that are open there."""

from __future__ import annotations

from dataclasses import dataclass

from metaspec.source import Source, Span
from metaspec.syntax.tokens import CLOSER, Token, TokenKind, scan


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known where parsing stopped.

    `before` are the tokens up to the place, without comments; `here` is the token at the place, None
    at the end of the text; `rest` those that follow. `open` are the brackets still open.
    """

    source: Source
    before: tuple[Token, ...]
    here: Token | None
    rest: tuple[Token, ...]
    open: tuple[Token, ...]
    accepted: frozenset[str]
    is_value: bool

    def last(self, count: int = 1) -> Token | None:
        """The token `count` places before the failure."""
        return self.before[-count] if len(self.before) >= count else None

    def span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def place(self) -> Span:
        """The token at the failure, or the end of the last one."""
        if self.here is not None:
            return self.span(self.here)
        return self.after_last()

    def after_last(self) -> Span:
        """The empty place just after the last token before the failure."""
        at = self.before[-1].end if self.before else len(self.source.text)
        return Span(self.source, at, at)

    @property
    def after(self) -> Token | None:
        return self.rest[0] if self.rest else None

    @property
    def tokens(self) -> tuple[Token, ...]:
        return (*self.before, *((self.here,) if self.here else ()), *self.rest)

    def surplus_braces(self) -> int:
        """How many more `}` than `{` the text has."""
        return sum((token.text == "}") - (token.text == "{") for token in self.tokens)

    def closing(self) -> Token | None:
        """The closing bracket of the innermost open one, where it follows and is of the same kind."""
        depth = 1
        for token in (self.here, *self.rest) if self.here else ():
            if token.kind is TokenKind.OPEN:
                depth += 1
            elif token.kind is TokenKind.CLOSE:
                depth -= 1
                if depth == 0:
                    return token if CLOSER[self.open[-1].text] == token.text else None
        return None

    def same_line(self, first: Token, second: Token) -> bool:
        return "\n" not in self.source.text[first.end : second.start]


def brackets_match(text: str) -> bool:
    """Whether every bracket has its partner, in order."""
    stack: list[str] = []
    for token in scan(text):
        if token.kind is TokenKind.OPEN:
            stack.append(CLOSER[token.text])
        elif token.kind is TokenKind.CLOSE and (not stack or stack.pop() != token.text):
            return False
    return not stack


def open_brackets(tokens: list[Token]) -> tuple[Token, ...]:
    stack: list[Token] = []
    for token in tokens:
        if token.kind is TokenKind.OPEN:
            stack.append(token)
        elif token.kind is TokenKind.CLOSE and stack:
            stack.pop()
    return tuple(stack)
