"""A text cut into what the formatter moves: bodies, their pieces, and the comments between them.

A body is the file, or what stands between two brackets. Its members are pieces (an item, a field, a
value of a list) and comments on lines of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.tokens import Token, TokenKind, scan


@dataclass(slots=True)
class TrailingComment:
    """A comment after code. `column` is where it began, `gap` the space before it."""

    text: str
    column: int
    gap: int


@dataclass(slots=True)
class CommentLine:
    """A comment on a line of its own."""

    text: str
    blank_before: bool


@dataclass(slots=True, eq=False)
class Piece:
    """Tokens and groups that belong together, without the comma after them.

    `line_before` says that the piece began on a new line, `blank_before` that a line was left empty.
    """

    atoms: list[Token | Group] = field(default_factory=list)
    trailing: TrailingComment | None = None
    blank_before: bool = False
    line_before: bool = False


Member = Piece | CommentLine


@dataclass(slots=True, eq=False)
class Group:
    """What stands between two brackets. `broken` groups take several lines."""

    opener: str
    members: list[Member] = field(default_factory=list)
    opening_comment: str | None = None
    broken: bool = False

    @property
    def is_braces(self) -> bool:
        return self.opener == "{"

    @property
    def pieces(self) -> list[Piece]:
        return [member for member in self.members if isinstance(member, Piece)]


def read_layout(source: Source, file: tree.File) -> list[Member]:
    """The members of a file that has no syntax error."""
    reader = _Reader(source, scan(source.text), frozenset(_entry_starts(file)))
    return reader.body(None).members


def _entry_starts(file: tree.File) -> Iterator[int]:
    """The offsets at which an item, an entry of a block or a field begins."""
    pending: list[object] = list(file.items)
    while pending:
        node = pending.pop()
        starts_piece = isinstance(node, tree.Item | tree.Entry | tree.Constructor | tree.Name)
        if starts_piece and node.span is not None:
            yield node.span.start
        match node:
            case tree.Let(value=value) | tree.Comparison(value=value) | tree.Field(value=value):
                pending.extend(_structures(value))
            case tree.Block(body=body):
                pending.extend(body or ())
            case tree.ListOf(constructors=choices):
                pending.extend(choices)
            case _:
                pending.extend(_fields(node))


def _structures(value: object) -> list[object]:
    """The fields inside a value, however deep they stand in lists, calls and arithmetic."""
    match value:
        case tree.ListValue(items=items):
            return [inner for item in items for inner in _structures(item)]
        case tree.Range(first=left, last=right) | tree.Arithmetic(left=left, right=right):
            return _structures(left) + _structures(right)
        case tree.Negative(value=inner):
            return _structures(inner)
        case tree.Call(args=args, named=named):
            values = [*args, *(each.value for each in named)]
            return [inner for each in values for inner in _structures(each)]
    return list(_fields(value))


def _fields(node: object) -> tuple[tree.Field, ...]:
    if isinstance(node, tree.Constructor | tree.Table | tree.Grid | tree.Zip | tree.When | tree.Search):
        return node.fields
    return ()


class _Reader:
    """Walks once over the tokens; every comment is put somewhere."""

    def __init__(self, source: Source, tokens: list[Token], starts: frozenset[int]) -> None:
        self._source = source
        self._tokens = tokens
        self._starts = starts
        self._at = 0

    def body(self, opener: Token | None) -> Group:
        """Read up to the closing bracket, or to the end of the file."""
        group = Group(opener.text if opener else "{")
        current: Piece | None = None
        ended = False  # a comma has ended the current piece
        waiting: list[Token] = []  # comments after the last token
        last_end = opener.end if opener else 0

        def settle() -> None:
            """Put the waiting comments after the piece that ended, the others on their own lines."""
            nonlocal last_end
            for comment in waiting:
                if self._same_line(last_end, comment.start) and (current or opener):
                    self._put_trailing(group, current, comment, last_end)
                else:
                    blank = self._blank(last_end, comment.start) and bool(group.members)
                    group.members.append(CommentLine(comment.text.rstrip(), blank))
                last_end = comment.end
            group.broken = group.broken or bool(waiting)
            waiting.clear()

        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.kind is TokenKind.COMMENT:
                waiting.append(token)
                continue
            if token.kind is TokenKind.CLOSE:
                settle()
                # Braces take several lines where anything in them does; a list only for its own line ends.
                since = opener.end if opener and group.is_braces else last_end
                group.broken |= bool(group.members) and not self._same_line(since, token.start)
                return group
            if token.kind is TokenKind.COMMA:
                ended = True
                if not waiting:
                    last_end = token.end
                continue
            if current is None or ended or (group.is_braces and token.start in self._starts):
                settle()
                blank = self._blank(last_end, token.start) and bool(group.members)
                line = not self._same_line(last_end, token.start)
                current, ended = Piece(blank_before=blank, line_before=line), False
                group.members.append(current)
                group.broken |= line
            elif waiting:
                self._hoist(group, current, waiting)
            if token.kind is TokenKind.OPEN:
                current.atoms.append(self.body(token))
                last_end = self._tokens[self._at - 1].end
            else:
                current.atoms.append(token)
                last_end = token.end
        settle()
        return group

    def _put_trailing(self, group: Group, current: Piece | None, comment: Token, last_end: int) -> None:
        text = comment.text.rstrip()
        if current is None:
            group.opening_comment = text
            return
        column = self._source.position(comment.start)[1]
        current.trailing = TrailingComment(text, column, comment.start - last_end)

    def _hoist(self, group: Group, current: Piece, waiting: list[Token]) -> None:
        """Comments in the middle of a piece move to the lines before it."""
        at = group.members.index(current)
        lines = [CommentLine(comment.text.rstrip(), False) for comment in waiting]
        lines[0].blank_before, current.blank_before = current.blank_before, False
        current.line_before = True
        group.members[at:at] = lines
        group.broken = True
        waiting.clear()

    def _same_line(self, start: int, end: int) -> bool:
        return "\n" not in self._source.text[start:end]

    def _blank(self, start: int, end: int) -> bool:
        return self._source.text.count("\n", start, end) > 1
