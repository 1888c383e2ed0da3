"""Assignments from outside the file: `-s path=value`, and those of a sweep point."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from metaspec.diagnostics import Diagnostic, error, note
from metaspec.diagnostics.suggest import called_here
from metaspec.kinds import registry
from metaspec.kinds.phrases import one_of
from metaspec.resolve.bind import Scope, bind
from metaspec.resolve.draft import Draft, Leaf, Marked, Node, Part, Slot, merge_slots, overlay
from metaspec.resolve.origin import Chain, Layer, Origin, Setter
from metaspec.resolve.presets import expansion, is_preset, replaced
from metaspec.resolve.unit import UNNAMED, WITHOUT_KIND, by_keyword, kinds_for
from metaspec.resolve.unknown import unknown_word
from metaspec.resolve.value_text import parse_rest
from metaspec.resolve.written import spelled
from metaspec.source import Source, Span
from metaspec.spec.blocks import Evaluate, Expect, Train
from metaspec.spec.declared import FieldType, KindType, NothingType, TextType, fields_of
from metaspec.spec.kind import Kind
from metaspec.spec.values import Learned
from metaspec.syntax import tree
from metaspec.syntax.parser import parse_value

OPTIONS = tuple(name for name in Learned.model_fields if name not in ("start", "name"))
BLOCKS = {"train": Train, "evaluate": Evaluate, "expect": Expect}


@dataclass(frozen=True, slots=True)
class Assignment:
    """`path = value`, by a setter."""

    path: tree.Name
    value: tree.Value
    setter: Setter
    span: Span | None = None
    text: str | None = None  # the value as given, where a shell may have taken its quotes
    problems: tuple[Diagnostic, ...] = ()  # of the value, which stands unless its field takes the bare text


def parse_override(text: str, setter: Setter, found: list[Diagnostic]) -> Assignment | None:
    """`inner.lr=0.2` as an assignment; None where it is none, which is reported."""
    path, equals, value = text.partition("=")
    source = Source(setter.name, text)
    name = path.strip()
    start = len(path) - len(path.lstrip())
    span = Span(source, start, start + len(name))
    if not equals or not name or not all(part.isidentifier() for part in name.split(".")):
        found.append(
            error(
                "E0802",
                f"`{text}` is no override",
                Span.whole(source),
                help=["write PATH=VALUE, such as `-s inner.lr=0.2`"],
            )
        )
        return None
    if not value.strip():
        found.append(
            error(
                "E0802",
                f"the override of `{name}` has no value",
                Span.whole(source),
                help=[f"write `-s {name}=VALUE`; mind the quotes that the shell removes"],
            )
        )
        return None
    parsed, problems = parse_rest(source, len(path) + 1)
    problems = tuple(replace(each, code="E0802", message=f"the value of `{name}`: {each.message}") for each in problems)
    bare = value.strip()
    begin = len(text) - len(value.lstrip())
    taken = parsed or tree.String(bare, span=Span(source, begin, begin + len(bare)))
    return Assignment(tree.Name(name, span=span), taken, setter, span, bare, problems)


def override_setter(text: str) -> Setter:
    return Setter(Layer.OVERRIDE, f"-s {text}")


def assign(
    drafts: dict[str, Draft], assignments: Iterable[Assignment], scope: Scope, found: list[Diagnostic]
) -> dict[str, Draft]:
    """The blocks after the assignments, in order. Values can use the `let`s of the file."""
    for each in assignments:
        drafts = _assign(drafts, each, scope, found)
    return drafts


def _assign(drafts: dict[str, Draft], each: Assignment, scope: Scope, found: list[Diagnostic]) -> dict[str, Draft]:
    key = _key(drafts, each, found)
    if key is None:
        return drafts
    rest = tuple(each.path.parts[1:])
    value = quoted(each, _types_at(drafts[key].body, rest, class_of(drafts[key])), scope)
    if value is None:
        found += each.problems
        return drafts
    node = bind(value, scope, each.setter, found)
    if node is None:
        return drafts
    if not rest:
        return _replace_block(drafts, key, node, each, found)
    body = _set(drafts[key].body, rest, node, each, class_of(drafts[key]), found)
    return drafts | {key: replace(drafts[key], body=body)}


def quoted(each: Assignment, types: tuple[FieldType, ...], scope: Scope) -> tree.Value | None:
    """The value of an assignment to a field of these types; None where it cannot be read.

    A shell takes the quotes of `-s data.path="pics"`. Where a field takes a text and no other value, what was given
    without them is that text, unless it is the name of a `let`, `none` where that is legal, or has brackets.
    """
    takes_text = bool(types) and all(isinstance(kind, (TextType, NothingType)) for kind in types)
    if each.text is None or not takes_text or types == (NothingType(),):
        return None if each.problems else each.value
    if each.problems:
        return None if each.text[:1] in "\"'" else replace(_text(each), span=each.value.span)
    if isinstance(each.value, tree.Name):
        kept = scope.find(each.value) is not None or (each.value.text == "none" and NothingType() in types)
        return each.value if kept else _text(each)
    return _text(each) if isinstance(each.value, _WITHOUT_BRACKETS) else each.value


_WITHOUT_BRACKETS = (tree.Number, tree.Negative, tree.Boolean, tree.Arithmetic, tree.Range)


def _text(each: Assignment) -> tree.String:
    return tree.String(each.text or "", span=each.value.span)


def _types_at(part: Part, path: tuple[str, ...], block: type | None) -> tuple[FieldType, ...]:
    """The types of the field at the end of a path below a block; none where they are not known."""
    if block is None or not path or path[0] not in block.model_fields:
        return ()
    name, rest = path[0], path[1:]
    if not rest:
        return fields_of(block)[name]
    slot = part.slots.get(name)
    below = slot.node if slot else unfolded(block, name)
    inner = below.start if isinstance(below, Marked) else below
    return _types_at(inner, rest, class_below(block, name, inner)) if isinstance(inner, Part) else ()


def _key(drafts: dict[str, Draft], each: Assignment, found: list[Diagnostic]) -> str | None:
    """The block that a path begins with: by its name, or by its keyword where there is one such block."""
    first = each.path.parts[0]
    if first in drafts:
        return first
    if first in registry.KEYWORDS and first not in UNNAMED:
        blocks = by_keyword(drafts, first)
        if len(blocks) == 1:
            return blocks[0].key
        if blocks:
            help = [f"use the name of one: {one_of(block.key for block in blocks)}"]
            found.append(error("E0801", f"there are several `{first}` blocks", each.path.span, help=help))
            return None
    if first == "schedule" and each.path.parts[1:2] == (
        "workers",
    ):  # without one a spec has no workers: this asks for some
        drafts[first] = Draft(first, first, Part(tree.Name("pool"), {}, (Origin(each.setter, "pool"),)))
        return first
    if first in UNNAMED:
        kindless = first in WITHOUT_KIND
        if kindless or len(each.path.parts) == 1:
            drafts[first] = Draft(first, first, Part(None, {}, ()), written=False)
            return first
    found.append(_no_block(drafts, first, each))
    return None


def _no_block(drafts: dict[str, Draft], first: str, each: Assignment) -> Diagnostic:
    """The path begins with no block of the spec: one that is to be written first, a field, or a wrong word."""
    message = f"the spec has no block `{first}`"
    if first in UNNAMED:
        example = f"{(kinds_for(first) or ('KIND',))[0]} {{}}"
        return error("E0801", message, each.path.span, help=[f"set the block first, such as `-s '{first}={example}'`"])
    owners = fields_called(drafts, first)
    if owners and len(each.path.parts) == 1:
        return error("E0801", message, each.path.span, help=[f"did you mean {one_of(owners)}?"])
    legal = [*drafts, *(keyword for keyword in ("task", "model", *UNNAMED) if keyword not in drafts)]
    return unknown_word("E0801", message, first, legal, each.path.span)


def fields_called(drafts: dict[str, Draft], word: str) -> list[str]:
    """The paths of the blocks' own fields that have the name, or the one that is meant by it."""
    found = []
    for key, draft in drafts.items():
        fields = block.model_fields if (block := class_of(draft)) else {}
        name = word if word in fields else called_here(word, fields)
        found += [f"{key}.{name}"] if name else []
    return found


def class_of(draft: Draft) -> type | None:
    """The class of a block, where it is known."""
    if draft.keyword in BLOCKS:
        return BLOCKS[draft.keyword]
    category = registry.KEYWORDS[draft.keyword]
    return registry.load(category, draft.kind) if draft.kind in registry.names(category) else None


def _replace_block(
    drafts: dict[str, Draft], key: str, node: Node, each: Assignment, found: list[Diagnostic]
) -> dict[str, Draft]:
    """`inner = adam { .. }`: another block in the place of this one. A preset brings all of its blocks."""
    old = drafts[key]
    if isinstance(node, Leaf) and isinstance(node.value, tree.Name):
        node = Part(node.value, {}, node.chain, node.span)
    if not isinstance(node, Part) or (node.kind is None) != (old.keyword in WITHOUT_KIND):
        example = "{ .. }" if old.keyword in WITHOUT_KIND else f"{(kinds_for(old.keyword) or ('KIND',))[0]} {{ .. }}"
        found.append(
            error(
                "E0802",
                f"`{key}` is a block",
                each.value.span or each.span,
                help=[f"write `{key}={example}`, or the path of a field such as `{key}.FIELD=VALUE`"],
            )
        )
        return drafts
    new = replace(old, body=replace(node, chain=old.body.chain + node.chain), preset=None, span=node.span)
    if not is_preset(new):
        if old.preset and not old.written and key != "inner":
            inner = drafts["inner"]
            found.append(replaced(replace(inner, body=replace(inner.body, kind=tree.Name(old.preset))), old, new))
        return drafts | {key: replace(new, written=True)}
    return drafts | {
        keyword: _brought(drafts.get(keyword), part, new, each, found)
        for keyword, part in expansion(new, found).items()
    }


def _brought(old: Draft | None, part: Draft, preset: Draft, each: Assignment, found: list[Diagnostic]) -> Draft:
    """A block that a preset from outside the file brings: what is set later wins, over `old` of the file too."""
    if old is None or part.keyword == preset.keyword:
        return part
    if part.keyword in WITHOUT_KIND:
        return overlay(old, part)
    if old.written and old.body.kind is not None:
        by = each.setter.name
        if each.setter.layer is Layer.POINT:
            by = f"{preset.keyword} = {preset.kind}` of `{each.setter.name.partition(' of ')[2] or by}"
        what = (
            f"an `{part.keyword} = {part.kind}` of its own"
            if part.kind == old.kind
            else f"`{part.keyword} = {part.kind}`"
        )
        message = f"`{by}` brings {what}, in the place of the `{old.keyword} = {old.kind}` written here"
        help = [f"to keep it, set it after the preset: `list {old.keyword} {{ {old.kind} {{ .. }} }}` in the sweep"]
        if each.setter.layer is not Layer.POINT:
            help = [f"to keep it, set it after the preset: `-s '{old.keyword}={old.kind} {{ .. }}'`"]
        found.append(note(BROUGHT, message, old.body.span or old.span, help=help))
    return part


BROUGHT = "N0103"


def _set(
    part: Part, path: tuple[str, ...], node: Node, each: Assignment, block: type | None, found: list[Diagnostic]
) -> Part:
    """A copy of the part with the field at the end of the path set."""
    name, rest = path[0], path[1:]
    slot = part.slots.get(name)
    if not rest:
        return replace(part, slots=merge_slots(part.slots, {name: Slot(tree.Name(name, span=each.span), node)}))
    below = slot.node if slot else unfolded(block, name)
    if slot and isinstance(below, Marked) and len(rest) == 1 and rest[0] in OPTIONS:
        options = merge_slots(below.options, {rest[0]: Slot(tree.Name(rest[0], span=each.span), node)})
        return replace(part, slots=dict(part.slots) | {name: Slot(slot.path, replace(below, options=options))})
    inner = below.start if isinstance(below, Marked) else below
    if isinstance(inner, Leaf) and isinstance(inner.value, tree.Name):
        inner = Part(inner.value, {}, inner.chain, inner.span)
    if not isinstance(inner, Part):
        done = each.path.text.removesuffix("." + ".".join(rest))
        known = block is None or name in block.model_fields
        if known:
            found.append(error("E0801", f"`{done}` has no fields", each.span))
        else:
            legal = list(block.model_fields)
            found.append(unknown_word("E0801", f"there is no field `{done}`", name, legal, each.span))
        return part
    changed: Node = _set(inner, rest, node, each, class_below(block, name, inner), found)
    if isinstance(below, Marked):
        changed = replace(below, start=changed)
    path_name = slot.path if slot else tree.Name(name, span=each.span)
    return replace(part, slots=dict(part.slots) | {name: Slot(path_name, changed)})


def class_below(block: type | None, name: str, part: Part) -> type | None:
    if block is None or part.kind is None or name not in block.model_fields:
        return None
    for each in fields_of(block)[name]:
        if isinstance(each, KindType) and part.kind.text in registry.names(each.category):
            return registry.load(each.category, part.kind.text)
    return None


def unfolded(block: type | None, name: str) -> Node | None:
    """The default of a field as a draft, so that one of its own fields can be changed."""
    default = block.model_fields[name].default if block and name in block.model_fields else None
    return _part_of(default) if isinstance(default, Kind) else None


def _part_of(kind: Kind) -> Part:
    chain: Chain = (Origin(Setter(Layer.DEFAULT), spelled(kind)),)
    slots = {}
    for name, types in fields_of(type(kind)).items():
        value = getattr(kind, name)
        if value != type(kind).model_fields[name].default or type(kind).model_fields[name].is_required():
            parsed, _ = parse_value(Source("default", spelled(value, types)))
            if parsed is None:
                raise ValueError(f"the default of {kind.name}.{name} cannot be read back")
            origin = (Origin(Setter(Layer.DEFAULT), spelled(value, types)),)
            inner = _part_of(value) if isinstance(value, Kind) else Leaf(parsed, origin)
            slots[name] = Slot(tree.Name(name), inner)
    return Part(tree.Name(kind.name), slots, chain)
