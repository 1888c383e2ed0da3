"""What the terminals of the grammar are called in messages."""

from __future__ import annotations

from collections.abc import Sequence

_SIGNS = {
    "EQUAL": "`=`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "a comma",
    "AS": "`as`",
    "IS": "`is`",
    "PYTHON": "`python`",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "NAME": "a name",
    "COMPARE": "a comparison",
}
"""Terminals that are named one by one; operators and keywords are named together or not at all."""

_VALUE_SIGN = frozenset({"NUMBER", "STRING", "LSQB"})
"""Where all of these may stand, any value may."""

_VALUE_ONLY = _VALUE_SIGN | {"NAME", "DOTTED", "LBRACE", "LPAR", "MINUS", "TRUE", "FALSE"}


def expected(accepted: frozenset[str], *, inside: bool, is_value: bool) -> str:
    """`a value or a comma`: the terminals as one phrase, empty where nothing useful can be said."""
    names: list[str] = []
    rest = accepted
    if accepted >= _VALUE_SIGN:
        names.append("a value")
        rest = rest - _VALUE_ONLY
    if "LET" in rest or "TASK" in rest:
        names.append("a field" if inside else "a block")
        rest = rest - {"NAME", "DOTTED", "IS"}
    names += [phrase for terminal, phrase in _SIGNS.items() if terminal in rest]
    if "$END" in accepted and is_value and not inside:
        names.append("the end of the value")
    return _alternatives(names)


def _alternatives(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def shown(text: str) -> str:
    """A piece of the user's text for a message: short, and with control characters made visible."""
    visible = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return visible if len(visible) <= 30 else visible[:27] + "..."
