"""`metaspec fmt`: one look for all specs.

- One item on a line, or one entry on a line of a block that takes several lines. What the author kept
  on one line stays there up to WIDTH columns; what took several lines still does.
- The signs of a block's fields stand in one column; so do those of blocks that follow each other on one
  line each, unless their heads differ by more than MAX_PADDING. An empty line begins anew.
- Comments stay, in one column where they stood in one. Numbers keep their spelling.

Formatting a formatted text changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from metaspec.diagnostics.model import SpecError, has_errors
from metaspec.source import Source
from metaspec.syntax.layout import CommentLine, Group, Member, Piece, read_layout
from metaspec.syntax.parser import parse
from metaspec.syntax.tokens import CLOSER, SIGNS, Token, TokenKind

WIDTH = 128
"""Columns up to which a block may stay on one line."""

MAX_PADDING = 8
"""Spaces that a short head of a block on one line is filled up with at most."""

_INDENT = 2


def format_text(source: Source) -> str:
    """The text in the one look. Raises SpecError where it has syntax errors."""
    parsed = parse(source)
    if has_errors(parsed.diagnostics):
        raise SpecError(parsed.diagnostics)
    lines = _body(read_layout(source, parsed.tree), 0)
    return "\n".join(lines) + "\n" if lines else ""


# --- a body on several lines -----------------------------------------------------------------


def _body(members: Sequence[Member], indent: int) -> list[str]:
    """Every member on lines of its own, signs and comments in columns."""
    padding = _paddings(members, indent)
    lines: list[str] = []
    comments: list[tuple[int, Piece]] = []  # line on which a piece ends
    for member in members:
        if member.blank_before:
            lines.append("")
        if isinstance(member, CommentLine):
            lines.append(" " * indent + member.text)
            continue
        text = _piece(member, indent, padding.get(id(member), 0))
        lines.append(" " * indent + text[0])
        lines += text[1:]
        if member.trailing is not None:
            comments.append((len(lines) - 1, member))
    _add_comments(lines, comments)
    return lines


def _add_comments(lines: list[str], comments: Sequence[tuple[int, Piece]]) -> None:
    """Comments that began in one column still do; the smallest gap of the column stays."""
    columns: dict[int, list[tuple[int, Piece]]] = {}
    for at, piece in comments:
        if piece.trailing is not None:
            columns.setdefault(piece.trailing.column, []).append((at, piece))
    for together in columns.values():
        gap = max(2, min(piece.trailing.gap for _, piece in together if piece.trailing))
        column = max(len(lines[at]) for at, _ in together) + gap
        for at, piece in together:
            if piece.trailing is not None:
                lines[at] = lines[at].ljust(column) + piece.trailing.text


def _paddings(members: Sequence[Member], indent: int) -> dict[int, int]:
    """Spaces after the head of each piece, by `id` of the piece.

    A piece that is too wide with its padding is broken, which may change the padding of the others.
    """
    while True:
        padding: dict[int, int] = {}
        for together in _columns(members, top=indent == 0):
            widest = max(len(_head(piece)) for piece in together)
            padding |= {id(piece): widest - len(_head(piece)) for piece in together}
        wide = [piece for piece in members if isinstance(piece, Piece)]
        wide = [piece for piece in wide if _too_wide(piece, indent + padding.get(id(piece), 0))]
        broken = [_break_outermost(piece.atoms) for piece in wide]
        if not any(broken):
            return padding


def _too_wide(piece: Piece, before: int) -> bool:
    return not _is_broken(piece.atoms) and before + len(_flat(piece.atoms)) > WIDTH


def _columns(members: Sequence[Member], *, top: bool) -> list[list[Piece]]:
    """The pieces whose signs stand in one column: neighbours without an empty line between them."""
    groups: list[list[Piece]] = []
    current: list[Piece] = []
    for member in members:
        fits = isinstance(member, Piece) and _has_column(member, top=top)
        if member.blank_before or not (fits or isinstance(member, CommentLine)):
            current = []
        if not isinstance(member, Piece) or not fits:
            continue
        widths = [len(_head(piece)) for piece in (*current, member)]
        if top and max(widths) - min(widths) > MAX_PADDING:
            current = []
        if not current:
            groups.append(current)
        current.append(member)
    return groups


def _has_column(piece: Piece, *, top: bool) -> bool:
    """Whether the piece has a head and takes one line; a field may take several."""
    at = _split(piece)
    if at == 0 or at == len(piece.atoms):
        return False
    sign = piece.atoms[at]
    is_field = isinstance(sign, Token) and not top
    return is_field or not _is_broken(piece.atoms)


def _split(piece: Piece) -> int:
    """Index of the sign, or of the braces of a block without one."""
    for index, atom in enumerate(piece.atoms):
        if isinstance(atom, Group):
            if atom.is_braces:
                return index
        elif atom.kind in SIGNS:
            return index
    return len(piece.atoms)


def _head(piece: Piece) -> str:
    return _flat(piece.atoms[: _split(piece)])


def _piece(piece: Piece, indent: int, padding: int) -> list[str]:
    at = _split(piece)
    if at == 0 or at == len(piece.atoms):
        return _lines(piece.atoms, indent)
    rest = _lines(piece.atoms[at:], indent)
    return [f"{_head(piece)}{' ' * padding} {rest[0]}", *rest[1:]]


# --- rows of atoms -----------------------------------------------------------------------------


def _is_broken(atoms: Sequence[Token | Group]) -> bool:
    groups = (atom for atom in atoms if isinstance(atom, Group))
    return any(group.broken or any(_is_broken(p.atoms) for p in group.pieces) for group in groups)


def _break_outermost(atoms: Sequence[Token | Group]) -> bool:
    """Break the first braces that are in no other braces; False where there are none to break."""
    for atom in atoms:
        if not isinstance(atom, Group):
            continue
        if atom.is_braces and atom.members:
            atom.broken = True
            return True
        if any(_break_outermost(piece.atoms) for piece in atom.pieces):
            return True
    return False


def _flat(atoms: Sequence[Token | Group]) -> str:
    return " ".join(line.strip() for line in _lines(atoms, 0))


def _lines(atoms: Sequence[Token | Group], indent: int) -> list[str]:
    """The first line stands after something; those that follow are indented."""
    lines = [""]
    for index, atom in enumerate(atoms):
        if index > 0 and _spaced(atoms, index):
            lines[-1] += " "
        text = _group(atom, indent) if isinstance(atom, Group) else [atom.text]
        lines[-1] += text[0]
        lines += text[1:]
    return lines


def _spaced(atoms: Sequence[Token | Group], index: int) -> bool:
    """Whether a space stands before an atom."""
    before, atom = atoms[index - 1], atoms[index]
    after = atoms[index + 1] if index + 1 < len(atoms) else None
    if isinstance(before, Token) and before.kind is TokenKind.OPERATOR:
        if before.text == ".." or _is_sign(atoms, index - 1):
            return False
        return not (before.text == "/" and _are_numbers(atoms[index - 2], atom))
    if isinstance(atom, Group):
        return not (atom.opener == "(" and isinstance(before, Token) and before.kind is TokenKind.WORD)
    if atom.kind is TokenKind.OPERATOR:
        return not (atom.text == ".." or (atom.text == "/" and _are_numbers(before, after)))
    return True


def _is_sign(atoms: Sequence[Token | Group], index: int) -> bool:
    """Whether the operator is the minus of a number and not of a difference."""
    before = atoms[index - 1] if index > 0 else None
    if before is None:
        return True
    return isinstance(before, Token) and before.kind in (TokenKind.OPERATOR, *SIGNS)


def _are_numbers(left: Token | Group | None, right: Token | Group | None) -> bool:
    both = (left, right)
    return all(isinstance(each, Token) and each.kind is TokenKind.NUMBER for each in both)


# --- groups --------------------------------------------------------------------------------------


def _group(group: Group, indent: int) -> list[str]:
    closer = CLOSER[group.opener]
    if not group.members and group.opening_comment is None:
        return [group.opener + closer]
    if group.broken:
        comment = f"  {group.opening_comment}" if group.opening_comment else ""
        inner = _body if group.is_braces else _rows
        middle = inner(group.members, indent + _INDENT)
        return [group.opener + comment, *middle, " " * indent + closer]
    space = " " if group.is_braces else ""
    lines = [group.opener + space]
    for index, piece in enumerate(group.pieces):
        text = _lines(piece.atoms, indent)
        lines[-1] += (", " if index else "") + text[0]
        lines += text[1:]
    lines[-1] += space + closer
    return lines


def _rows(members: Sequence[Member], indent: int) -> list[str]:
    """Values of a list or call over several lines, with the line ends that the author chose."""
    lines: list[str] = []
    comments: list[tuple[int, Piece]] = []
    last = next((m for m in reversed(members) if isinstance(m, Piece)), None)
    row_open = False
    for member in members:
        if member.blank_before:
            lines.append("")
        if isinstance(member, CommentLine):
            lines.append(" " * indent + member.text)
            row_open = False
            continue
        text = _lines(member.atoms, indent)
        text[-1] += "" if member is last else ","
        if row_open and not member.line_before:
            lines[-1] += " " + text[0]
        else:
            lines.append(" " * indent + text[0])
        lines += text[1:]
        row_open = True
        if member.trailing is not None:
            comments.append((len(lines) - 1, member))
            row_open = False
    _add_comments(lines, comments)
    return lines
