"""From drafts to the blocks of the IR, each by itself; what need not be written is added."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.kinds import registry
from metaspec.resolve.bind import constant
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.decode import decode_block, kind_class
from metaspec.resolve.decode_leaf import decode_leaf
from metaspec.resolve.draft import Draft, Leaf, Part
from metaspec.resolve.origin import Layer, Origin, Setter
from metaspec.resolve.reading import INVALID, Place, Reading, describe_value
from metaspec.resolve.searches import search_places
from metaspec.resolve.unit import NAMED, Unit, by_keyword, kinds_for
from metaspec.source import Span
from metaspec.spec.blocks import Condition, Evaluate, Expect, Sweep, Train
from metaspec.spec.declared import TextType
from metaspec.syntax import tree

_REQUIRED = {
    "inner": "how a task is learned, such as `inner = maml { steps = 1, lr = 0.01 }`",
    "metagrad": "how the meta-gradient is computed, such as `metagrad = unroll {}`",
    "outer": "how meta-parameters are updated, such as `outer = adam { lr = 1e-3 }`",
}


def decode(
    unit: Unit,
    drafts: dict[str, Draft],
    sweeps: dict[str, Sweep],
    python: tuple[str, ...],
    reading: Reading,
) -> Facts:
    """The blocks that could be read, for the checks; what is wrong with the others is in `reading.found`."""
    facts = Facts(
        language=unit.language, sweeps=sweeps, python=python, source=unit.source, provenance=reading.provenance
    )
    facts.broken |= {*unit.unread.values()}
    for draft in drafts.values():
        facts.blocks[draft.key] = draft.span
        value = decode_draft(draft, reading)
        if value is INVALID:
            facts.broken.add(draft.keyword)
        elif draft.keyword in NAMED:
            facts.named[draft.keyword][draft.key] = value
        else:
            facts.single[draft.keyword] = value
    for key, (block, _) in unit.sweeps.items():
        facts.blocks |= search_places(key, block)
    inner = drafts.get("inner")
    facts.preset = inner.preset if inner else None
    _add_defaults(facts, drafts, reading)
    return facts


def decode_draft(draft: Draft, reading: Reading) -> Any:
    """One block of the IR, or INVALID, which has been reported."""
    place = Place(draft.key, draft.key)
    if draft.keyword == "train":
        return decode_block(Train, draft.body, place, reading)
    if draft.keyword == "evaluate":
        return decode_block(Evaluate, draft.body, place, reading)
    if draft.keyword == "expect":
        return _expect(draft, reading)
    category = registry.KEYWORDS[draft.keyword]
    kind = draft.body.kind
    if kind is None and draft.keyword == "cluster":
        kind = tree.Name("listed")
    if kind is None:
        reading.found.append(_no_kind(draft))
        return INVALID
    reading.provenance[draft.key] = draft.body.chain
    found = kind_class(category, kind, kinds_for(draft.keyword), _with_earlier(reading, draft.key))
    return INVALID if found is None else decode_block(found, draft.body, place, reading)


def _with_earlier(reading: Reading, key: str) -> Reading:
    """With those blocks alone that block `key` can be a copy of: earlier ones of the file, and imported ones."""
    names = list(reading.blocks)
    before = names.index(key) if key in names else len(names)
    legal = {name: of for place, (name, of) in enumerate(reading.blocks.items()) if "." in name or place < before}
    return replace(reading, blocks=legal)


def _no_kind(draft: Draft) -> Diagnostic:
    """`inner { .. }`, or `inner maml { .. }`, which reads as a block by the name `maml`."""
    name, kinds = draft.name, kinds_for(draft.keyword)
    if name is None or name.span is None or name.text not in kinds:
        return error("E0122", f"`{draft.keyword}` needs a kind", draft.span, help=[f"kinds: {', '.join(kinds)}"])
    fix = Fix("write `=`", ((Span(name.span.source, name.span.start, name.span.start), "= "),))
    return error("E0104", f"`=` is missing before the kind `{name.text}`", name.span, label="before this", fix=fix)


def _expect(draft: Draft, reading: Reading) -> Any:
    conditions: list[Condition] = []
    before = len(reading.found)
    for each in draft.comparisons:
        bound = constant(each.value)
        share = isinstance(each.value, tree.Number) and each.value.unit == "%"
        if share and isinstance(each.value, tree.Number):
            bound = each.value.value / 100
        if bound is None:
            message = f"`{each.metric.text}` is compared with a number; this is {describe_value(each.value)}"
            reading.found.append(error("E0301", message, each.value.span))
            continue
        reading.provenance[f"expect.{each.metric.text}"] = (
            Origin(Setter(Layer.FILE, draft.key), f"{each.op} {bound:g}", each.span),
        )
        conditions.append(Condition(metric=each.metric.text, relation=each.op, bound=float(bound)))
    values: dict[str, Any] = {}
    for name, slot in draft.body.slots.items():
        if name != "source":
            help = [f"write a comparison, such as `{name} >= 0.9`"]
            reading.found.append(error("E0203", f"`expect` has no field `{name}`", slot.path.span, help=help))
        elif isinstance(slot.node, Leaf):
            values[name] = decode_leaf(slot.node, (TextType(),), Place("expect.source", "source"), reading)
            reading.provenance["expect.source"] = slot.node.chain
    return INVALID if len(reading.found) > before else Expect(conditions=tuple(conditions), **values)


def _add_defaults(facts: Facts, drafts: dict[str, Draft], reading: Reading) -> None:
    """The blocks that need not be written; an error for each that does."""
    if "schedule" not in drafts and "schedule" not in facts.broken:
        facts.single["schedule"] = registry.load("schedules", "inline")()
        reading.provenance["schedule"] = (Origin(Setter(Layer.DEFAULT), "inline"),)
    for keyword, block in (("train", Train), ("evaluate", Evaluate)):
        if keyword not in drafts and keyword not in facts.broken:
            facts.single[keyword] = block()
            decode_block(block, Part(None, {}, ()), Place(keyword, keyword), reading)
    whole = Span(facts.source, 0, 0)
    if not by_keyword(drafts, "task") and "task" not in facts.broken:
        reading.found.append(
            error(
                "E0208",
                "the spec has no task",
                whole,
                help=["write what is learned, such as `task sine = sinusoid {}`"],
            )
        )
    inner = drafts.get("inner")
    # A name in `inner` that is not understood might be that of a preset, which brings the others.
    unknown = "inner" in facts.broken and (inner is None or inner.kind not in registry.names("inner"))
    for keyword, help in _REQUIRED.items():
        if keyword in drafts or keyword in facts.broken or (keyword == "metagrad" and inner is None):
            continue
        if keyword == "inner" or not unknown:
            reading.found.append(error("E0208", f"the spec has no `{keyword}` block", whole, help=[f"write {help}"]))
