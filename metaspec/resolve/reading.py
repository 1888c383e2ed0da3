"""What decoding a spec collects, and the messages that all of it shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.kinds.phrases import phrase
from metaspec.kinds.registry import names
from metaspec.resolve.draft import Fixed, Leaf, Marked, Node, Part
from metaspec.resolve.origin import Chain, Layer
from metaspec.spec.declared import ChoiceType, FieldType, KindType, ListType, NameType, NumberType, TextType
from metaspec.syntax import tree


class Invalid:
    """Stands for a value whose mistake has been reported."""


INVALID: Final = Invalid()


@dataclass(frozen=True, slots=True)
class Reading:
    """Collected on the way: diagnostics, and the history of each leaf by its path."""

    found: list[Diagnostic] = field(default_factory=list)
    provenance: dict[str, Chain] = field(default_factory=dict)
    blocks: Mapping[str, str] = field(default_factory=dict)  # name of a block that can be copied -> its keyword
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
    return error("E0301", message, node.span, fix=_mended(node, types))


def as_list(leaf: Leaf, types: tuple[FieldType, ...]) -> Fix | None:
    """`40` as `[40]`, where a field takes a list of such values."""
    wanted = next((each for each in types if isinstance(each, ListType)), None)
    if wanted is None or leaf.span is None or wanted.shortest > 1:
        return None
    text = leaf.span.text
    suited: tuple[type, ...] = ()
    match leaf.value:
        case tree.Number():
            suited = (NumberType,)
        case tree.Name():
            suited = (NameType, ChoiceType)
        case tree.String(value=name):
            quoted = any(isinstance(each, TextType) for each in wanted.item)
            text, suited = (text, (TextType,)) if quoted else (name, (NameType, ChoiceType))
    if not any(isinstance(each, suited) for each in wanted.item):
        return None
    return Fix(f"write `[{text}]`", ((leaf.span, f"[{text}]"),))


def _mended(node: Node, types: tuple[FieldType, ...]) -> Fix | None:
    """The value in the form that the field takes, where it is clear what was meant."""
    if not isinstance(node, Leaf) or node.span is None:
        return None
    if isinstance(node.value, tree.String):
        choices = [option for each in types if isinstance(each, ChoiceType) for option in each.options]
        if node.value.value in choices or any(isinstance(each, NameType) for each in types):
            return Fix("remove the quotes", ((node.span, node.value.value),))
        if any(isinstance(each, KindType) and node.value.value in names(each.category) for each in types):
            return Fix("remove the quotes", ((node.span, node.value.value),))
    return as_list(node, types)


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
