"""What decoding a spec collects, and the messages that all of it shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.diagnostics.suggest import suggest
from metaspec.kinds.phrases import one_of, phrase
from metaspec.resolve.draft import Fixed, Leaf, Marked, Node, Part
from metaspec.resolve.origin import Chain, Layer
from metaspec.source import Span
from metaspec.spec.declared import FieldType
from metaspec.syntax import tree


class Invalid:
    """Stands for a value whose mistake has been reported."""


INVALID: Final = Invalid()


@dataclass(frozen=True, slots=True)
class Reading:
    """Collected on the way: diagnostics, and the history of each leaf by its path."""

    found: list[Diagnostic] = field(default_factory=list)
    provenance: dict[str, Chain] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()  # names of blocks that can be copied, for suggestions
    learnable: tuple[str, ...] = ()  # fields of the block being read that can be learned


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its path in the spec, and the name of its field for messages."""

    path: str
    name: str

    def below(self, name: str) -> Place:
        return Place(f"{self.path}.{name}", name)


def wrong_type(node: Node, types: tuple[FieldType, ...], place: Place) -> Diagnostic:
    """ "`lr` takes a number of 0 or more, or learned(...); this is a text"."""
    message = f"`{place.name}` takes {phrase(types)}; this is {describe(node)}"
    return error("E0301", message, node.span)


def unknown_word(
    code: str, message: str, word: str, legal: list[str], span: Span | None, others: str = ""
) -> Diagnostic:
    """An error about a word that is none of the legal ones, with the nearest of them as a fix."""
    near = suggest(word, legal)
    help = [f"did you mean `{near}`?"] if near else []
    if not near and legal and len(legal) <= 12:
        help.append(f"legal here: {one_of(legal)}")
    if others:
        help.append(others)
    fix = Fix(f"write `{near}`", ((span, near),)) if near and span else None
    return error(code, message, span, help=help, fix=fix)


def describe(node: Node) -> str:
    """A value in words, for "this is ..."."""
    match node:
        case Marked():
            return "learned(...)"
        case Fixed(node=inner):
            return describe(inner)
        case Part(kind=None):
            return "a table"
        case Part(kind=tree.Name(text=name)):
            return f"`{name}` with fields"
        case Leaf(value=value):
            return describe_value(value)
    raise TypeError("no node of a draft")


def describe_value(value: tree.Value) -> str:
    match value:
        case tree.Number(unit=None) | tree.Negative():
            return "a number"
        case tree.Number(text=text):
            return f"the quantity {text}"
        case tree.String():
            return "a text in quotes"
        case tree.Boolean(value=flag):
            return "true" if flag else "false"
        case tree.Name(text=text):
            return f"the name `{text}`"
        case tree.ListValue():
            return "a list"
        case tree.Range():
            return "a range"
        case tree.Call(name=name):
            return f"{name.text}(...)"
        case tree.Constructor(kind=kind):
            return f"`{kind.text}` with fields"
    return "a table"


def set_by_override(chain: Chain) -> bool:
    """Whether the value that holds comes from the command line or a sweep point."""
    return bool(chain) and chain[-1].layer in (Layer.OVERRIDE, Layer.POINT)
