"""Presets: a name of the literature in `inner` becomes the blocks that it stands for."""

from __future__ import annotations

from dataclasses import replace

from metaspec.diagnostics import Diagnostic, note
from metaspec.kinds import registry
from metaspec.resolve.bind import Scope, slots_of
from metaspec.resolve.draft import Draft, Part, overlay
from metaspec.resolve.origin import Layer, Origin, Setter
from metaspec.resolve.unknown import unknown_field
from metaspec.source import Source
from metaspec.spec.blocks import Train
from metaspec.spec.kind import Preset
from metaspec.syntax import tree
from metaspec.syntax.parser import parse


def is_preset(draft: Draft | None) -> bool:
    """Whether the block is written as a preset."""
    return draft is not None and draft.keyword == "inner" and draft.kind in registry.names("presets")


def expand(drafts: dict[str, Draft], found: list[Diagnostic]) -> dict[str, Draft]:
    """The blocks with a preset in `inner` replaced by what it stands for.

    A block written beside it goes over its part field by field where it is of the same kind; where it is of
    another, it replaces the part, with a note.
    """
    inner = drafts.get("inner")
    if inner is None or not is_preset(inner):
        return drafts
    expanded = dict(drafts)
    for keyword, part in expansion(inner, found).items():
        written = drafts.get(keyword)
        if keyword == "inner" or written is None:
            expanded[keyword] = part
            continue
        if written.body.kind is not None and written.kind != part.kind:
            found.append(replaced(inner, part, written))
        expanded[keyword] = overlay(part, written)
    return expanded


def replaced(preset: Draft, part: Draft, by: Draft) -> Diagnostic:
    """A note: a block of another kind stands where the preset has a part."""
    message = f"`{by.keyword} = {by.kind}` replaces `{part.kind}`, which the preset `{preset.kind}` brings"
    related = [(preset.span, "the preset")]
    return note("N0101", message, by.body.span or by.span, related=related)


def expansion(inner: Draft, found: list[Diagnostic]) -> dict[str, Draft]:
    """The blocks that a preset stands for, with the fields written on it set in the first that declares them."""
    name = inner.kind or ""
    preset = registry.load("presets", name)
    if not issubclass(preset, Preset):
        raise TypeError(f"the preset {name} is no Preset")
    parts = _parts(preset, inner)
    declared = {keyword: _fields(part) for keyword, part in parts.items()}
    for field, slot in inner.body.slots.items():
        owner = next((keyword for keyword, fields in declared.items() if field in fields), None)
        if owner is None:
            legal = sorted({each for fields in declared.values() for each in fields})
            code = "E0801" if slot.node.chain and slot.node.chain[-1].layer is Layer.OVERRIDE else "E0203"
            found.append(unknown_field(code, name, field, legal, slot.path.span))
            continue
        part = parts[owner]
        over = replace(part, body=Part(None, {field: slot}, (), part.body.span))
        parts[owner] = overlay(part, over)
    return parts


def _parts(preset: type[Preset], inner: Draft) -> dict[str, Draft]:
    """The preset's own text as blocks. They take the place of the block that it is written as."""
    source = Source(f"preset {preset.name}", "language 1\n" + preset.expansion)
    setter = Setter(Layer.PRESET, preset.name)
    found: list[Diagnostic] = []
    parts = {}
    for block in parse(source).tree.items:
        if isinstance(block, tree.Block):
            fields = (each for each in block.entries if isinstance(each, tree.Field))
            slots = slots_of(fields, Scope(), setter, found)
            origin = (Origin(setter, block.kind.text if block.kind else "", block.span),)
            keyword = block.keyword.text
            body = Part(block.kind, slots, origin, inner.body.span)
            parts[keyword] = Draft(
                keyword,
                keyword,
                body,
                inner.name if keyword == "inner" else None,
                preset=preset.name,
                written=False,
                span=inner.span,
            )
    if found:
        raise ValueError(f"the expansion of {preset.name} is wrong: {found[0].message}")
    return parts


def _fields(part: Draft) -> tuple[str, ...]:
    if part.keyword == "train":
        return tuple(Train.model_fields)
    category = registry.KEYWORDS[part.keyword]
    return tuple(registry.load(category, part.kind or "").model_fields)
