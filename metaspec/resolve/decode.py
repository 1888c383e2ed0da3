"""Drafts -> the IR, guided by the declarations of fields. Every leaf is judged on its own, and none stops another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from metaspec.diagnostics import Diagnostic, error
from metaspec.kinds import registry
from metaspec.kinds.documentation import keyword_of
from metaspec.kinds.phrases import SINGULAR, phrase, with_article
from metaspec.resolve.bind import Scope, bind, is_reported
from metaspec.resolve.decode_leaf import decode_leaf, list_type
from metaspec.resolve.draft import Fixed, Leaf, Marked, Node, Part, Slot
from metaspec.resolve.origin import Layer, Origin, Setter
from metaspec.resolve.reading import INVALID, Place, Reading, set_by_override, wrong_type
from metaspec.resolve.unknown import unknown_field, unknown_word
from metaspec.resolve.written import spelled
from metaspec.source import Span
from metaspec.spec.base import Frozen
from metaspec.spec.declared import (
    FieldType,
    KindType,
    LearnedType,
    ListType,
    NumberType,
    PartsType,
    fields_of,
)
from metaspec.spec.kind import Kind
from metaspec.spec.values import Learned
from metaspec.syntax import tree

_DEFAULT = Setter(Layer.DEFAULT)


def decode_block(block: type[Frozen], body: Part, place: Place, reading: Reading) -> Any:
    """The block of the IR that a draft makes, or INVALID, which has been reported."""
    title = getattr(block, "name", "") or place.name
    declared = fields_of(block)
    learnable = tuple(name for name, types in declared.items() if _find(types, LearnedType))
    reading = replace(reading, learnable=learnable)
    values: dict[str, Any] = {}
    for name, slot in body.slots.items():
        if name not in declared:
            reading.found.append(_unknown_field(block, title, slot))
            values[name] = INVALID
    for name, types in declared.items():
        below = place.below(name)
        info = block.model_fields[name]
        if not info.is_required():
            _record_default(below.path, info.default, types, reading)
        if name in body.slots:
            values[name] = decode_node(body.slots[name].node, types, below, reading)
        elif info.is_required():
            help = [f"`{name}` takes {phrase(types)}: {info.description}"]
            reading.found.append(error("E0208", f"`{title}` needs the field `{name}`", body.span, help=help))
            values[name] = INVALID
    if any(value is INVALID for value in values.values()):
        return INVALID
    return _construct(block, values, title, body.span, reading)


def _construct(block: type[Frozen], values: Mapping[str, Any], title: str, span: Span | None, reading: Reading) -> Any:
    """The block itself. Every field was judged before; what is left are rules of the class's own author."""
    try:
        return block.model_validate(dict(values))
    except ValidationError as failure:
        for each in failure.errors():
            reason = str(each.get("ctx", {}).get("error", each["msg"]))
            reading.found.append(error("E0307", f"`{title}`: {reason}", span))
        return INVALID


def _record_default(path: str, value: Any, types: tuple[FieldType, ...], reading: Reading) -> None:
    """The history of a field begins with its default; that of a kind, with the defaults of its fields."""
    reading.provenance[path] = (Origin(_DEFAULT, spelled(value, types)),)
    if isinstance(value, Kind):
        for name, own in fields_of(type(value)).items():
            _record_default(f"{path}.{name}", getattr(value, name), own, reading)


def _unknown_field(block: type[Frozen], title: str, slot: Slot) -> Diagnostic:
    if set_by_override(slot.node.chain):
        code, span = "E0801", slot.path.span or slot.node.span
    else:
        code, span = "E0203", slot.path.span
    return unknown_field(code, title, slot.path.text, list(block.model_fields), span, block)


# --- Values --------------------------------------------------------------------------------------


def decode_node(node: Node, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    """The value of a field, or INVALID, which has been reported."""
    if is_reported(node):
        return INVALID
    before = reading.provenance.get(place.path, ())
    reading.provenance[place.path] = before + node.chain
    match node:
        case Fixed(node=inner):
            return decode_node(inner, types, place, reading)
        case Marked():
            return _learned(node, types, place, reading)
        case Part(kind=None):
            return _parts(node, types, place, reading)
        case Part(kind=tree.Name() as kind):
            return _kind(node, kind, types, place, reading)
        case Leaf(value=tree.Name() as name) if _names_a_kind(name, types):
            return _kind(Part(name, {}, node.chain, node.span), name, types, place, reading)
        case Leaf(value=tree.ListValue(items=items)) if _lists_kinds(types):
            return _kinds(node, items, types, place, reading)
        case Leaf():
            return decode_leaf(node, types, place, reading)
    raise TypeError("no node of a draft")


def _find(types: tuple[FieldType, ...], wanted: type) -> Any:
    return next((each for each in types if isinstance(each, wanted)), None)


def _names_a_kind(name: tree.Name, types: tuple[FieldType, ...]) -> bool:
    """Whether a bare name stands for a kind: in a field that takes kinds, unless it is one of its choices."""
    kind = _find(types, KindType)
    return kind is not None and (name.text != "none" or "none" in registry.names(kind.category))


def _lists_kinds(types: tuple[FieldType, ...]) -> bool:
    lists = _find(types, ListType)
    return lists is not None and _find(lists.item, KindType) is not None


def _kinds(
    node: Leaf, items: tuple[tree.Value, ...], types: tuple[FieldType, ...], place: Place, reading: Reading
) -> Any:
    """A list of kinds: each item is a value with fields of its own. Its names were replaced with those of the list."""
    wanted = list_type(node, len(items), types, place, reading)
    if wanted is None:
        return INVALID
    values = []
    for number, item in enumerate(items):
        own = bind(item, Scope(), node.chain[-1].setter, reading.found) if node.chain else Leaf(item, ())
        below = Place(f"{place.path}.{number}", f"{place.name}[{number}]")
        values.append(INVALID if own is None else decode_node(own, wanted.item, below, reading))
    return INVALID if any(value is INVALID for value in values) else tuple(values)


def _kind(node: Part, name: tree.Name, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    wanted = _find(types, KindType)
    if wanted is None:
        reading.found.append(wrong_type(node, types, place))
        return INVALID
    kind = kind_class(wanted.category, name, registry.names(wanted.category), reading)
    return INVALID if kind is None else decode_block(kind, node, place, reading)


def kind_class(category: str, name: tree.Name, legal: tuple[str, ...], reading: Reading) -> type[Kind] | None:
    """The class of a kind by its name; None where there is none, which is reported."""
    word = name.text
    if word in registry.names(category):
        return registry.load(category, word)
    what = SINGULAR.get(category, category)
    if word in registry.announced(category) or (category == "inner" and word in registry.announced("presets")):
        reading.found.append(
            error(
                "E0601", f"the {what} `{word}` is not yet available", name.span, help=[f"available: {', '.join(legal)}"]
            )
        )
        return None
    keyword = keyword_of(category)
    copies = [name for name, of in reading.blocks.items() if of == keyword != name]
    others = _elsewhere(category, word) or f"`metaspec list {keyword}` says what there is"
    reading.found.append(
        unknown_word(
            "E0202",
            f"there is no {what} `{word}`",
            word,
            [*legal, *copies],
            name.span,
            others,
            registry.announced(category),
        )
    )
    return None


def _elsewhere(category: str, word: str) -> str:
    """What a kind of another category is, and how it is written; "" where there is none of the name."""
    for other in registry.CATEGORIES:
        if other == category or word not in registry.names(other):
            continue
        block = {"presets": "inner", "tasks": "task NAME", "models": "model NAME"}.get(other, keyword_of(other))
        written = f": write `{block} = {word} {{}}`" if other in (*registry.KEYWORDS.values(), "presets") else ""
        return f"`{word}` is the name of {with_article(SINGULAR[other])}{written}"
    return ""


def _fixed(types: tuple[FieldType, ...]) -> str:
    """Why a value is not learned: a count cannot be, another number only is not declared so."""
    number = _find(types, NumberType)
    return "the loss does not depend on it smoothly" if number is None or number.whole else "declared as a fixed number"


def _learned(node: Marked, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    wanted = _find(types, LearnedType)
    if wanted is None:
        help = [f"`{place.name}` takes {phrase(types)}"]
        if reading.learnable:
            help.append(f"what can be learned here: {', '.join(reading.learnable)}")
        reading.found.append(
            error(
                "E0305",
                f"`{place.name}` cannot be learned",
                node.span,
                help=help,
                label=_fixed(types),
            )
        )
        return INVALID
    start = decode_node(node.start, wanted.start, Place(place.path, place.name), reading)
    reading.provenance[place.path] = node.chain if node.shared else reading.provenance[place.path]
    options = _options(node, wanted, place, reading)
    if start is INVALID or options is INVALID:
        return INVALID
    name = node.shared or place.path
    return _construct(wanted.record, {"start": start, "name": name, **options}, "learned", node.span, reading)


def _options(node: Marked, wanted: LearnedType, place: Place, reading: Reading) -> Any:
    """The named values of `learned(...)`."""
    declared = {name: types for name, types in fields_of(Learned[float]).items() if name not in ("start", "name")}
    values: dict[str, Any] = {}
    for name, slot in node.options.items():
        if name not in declared:
            reading.found.append(
                unknown_word("E0203", f"`learned` has no option `{name}`", name, list(declared), slot.path.span)
            )
            values[name] = INVALID
            continue
        types = declared[name]
        several = _find(types, ListType)
        value = decode_node(slot.node, types + (several.item if several else ()), place.below(name), reading)
        values[name] = (value,) if several and not isinstance(value, tuple) and value is not INVALID else value
    return INVALID if any(value is INVALID for value in values.values()) else values


def _parts(node: Part, types: tuple[FieldType, ...], place: Place, reading: Reading) -> Any:
    wanted = _find(types, PartsType)
    if wanted is None:
        reading.found.append(wrong_type(node, types, place))
        return INVALID
    if not node.slots:
        reading.found.append(
            error(
                "E0301",
                f"the table of `{place.name}` names no part",
                node.span,
                help=["write `{ head = .., rest = .. }`"],
            )
        )
        return INVALID
    parts = {name: decode_node(slot.node, wanted.item, place.below(name), reading) for name, slot in node.slots.items()}
    if any(value is INVALID for value in parts.values()):
        return INVALID
    return _construct(wanted.record, {"parts": parts}, place.name, node.span, reading)
