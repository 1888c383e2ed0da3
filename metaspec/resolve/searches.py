"""The `search` of a sweep: what it draws from, and whether that suits the fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.bind import Scope, constant, evaluate
from metaspec.resolve.decode_leaf import decode_leaf
from metaspec.resolve.draft import Draft, Leaf, Marked, Part
from metaspec.resolve.origin import Setter
from metaspec.resolve.overrides import Assignment, class_below, class_of, unfolded
from metaspec.resolve.reading import INVALID, Place, Reading, describe_value
from metaspec.resolve.unit import by_keyword
from metaspec.resolve.unknown import unknown_word
from metaspec.source import Span
from metaspec.spec.blocks import Choices, Interval, Search, Sweep
from metaspec.spec.declared import (
    DistributionType,
    FieldType,
    LearnedType,
    NumberType,
    PartsType,
    field_types,
    fields_of,
)
from metaspec.spec.values import Distribution
from metaspec.syntax import tree
from metaspec.syntax.literals import number
from metaspec.syntax.printer import print_value

OWN = ("trials", "sampler")  # fields of the search itself, besides `objective`
DIRECTIONS = ("minimize", "maximize")


def read_search(entry: tree.Search, scope: Scope, found: list[Diagnostic]) -> Search | None:
    """The search; None where it draws nothing, or where an entry is wrong, which is reported."""
    before = len(found)
    reading = Reading(found)
    space: dict[str, Interval | Choices] = {}
    given: dict[str, Any] = {}
    for each in entry.fields:
        name = each.path.text
        if name in space or name in given:
            found.append(error("E0205", f"`{name}` is written twice", each.path.span, help=["remove one of the two"]))
            continue
        value = evaluate(each.value, scope, found)
        if value is None:
            continue
        if name in OWN:
            given[name] = decode_leaf(
                Leaf(value, ()), field_types(Search.model_fields[name]), Place(name, name), reading
            )
        elif name == "objective":
            given[name] = _objective(value, found)
        else:
            drawn = _drawn(each.path, value, reading)
            if drawn is not None:
                space[name] = drawn
    if not space and len(found) == before:
        help = ["write what to draw, such as `outer.lr = loguniform(1e-4, 1e-1)`"]
        found.append(error("E0803", "the search draws nothing", entry.span, help=help))
    if len(found) > before:
        return None
    return Search(space=tuple(space.values()), **given.pop("objective", {}), **given)


def _objective(value: tree.Value, found: list[Diagnostic]) -> dict[str, str]:
    """`minimize(query_loss)`"""
    match value:
        case tree.Call(name=tree.Name(text=direction), args=(tree.Name(text=metric),), named=()) if (
            direction in DIRECTIONS
        ):
            return {"direction": direction, "metric": metric}
        case tree.Call(name=name) if name.text not in DIRECTIONS:
            message = f"the objective of a search is minimize(..) or maximize(..), not `{name.text}`"
            found.append(unknown_word("E0204", message, name.text, list(DIRECTIONS), name.span))
        case _:
            help = ["write `objective = minimize(query_loss)` or `objective = maximize(accuracy)`"]
            found.append(error("E0301", "the objective of a search names one figure", value.span, help=help))
    return {}


def _drawn(path: tree.Name, value: tree.Value, reading: Reading) -> Interval | Choices | None:
    match value:
        case tree.ListValue(items=items) if items:
            return Choices(path=path.text, values=tuple(dict.fromkeys(print_value(item) for item in items)))
        case tree.Range():
            low, high = constant(value.first), constant(value.last)
            if isinstance(low, int) and isinstance(high, int) and low <= high:
                return Interval(path=path.text, distribution="uniform", low=low, high=high, whole=True)
            message = "a range goes from a whole number up to another"
            reading.found.append(error("E0803", message, value.span))
            return None
        case tree.Call():
            place = Place(path.text, path.text)
            drawn = decode_leaf(Leaf(value, ()), (DistributionType(),), place, reading)
            if drawn is not INVALID and drawn.distribution != "normal":
                return _interval(path.text, drawn)
            if drawn is INVALID:
                return None
    message = f"a search cannot draw `{path.text}` from this: {describe_value(value)}"
    help = ["write `uniform(low, high)`, `loguniform(low, high)`, a range `1..10` or a list of choices"]
    reading.found.append(error("E0803", message, value.span, help=help))
    return None


def _interval(path: str, drawn: Distribution) -> Interval:
    low, high = drawn.arguments
    distribution = "loguniform" if drawn.distribution == "loguniform" else "uniform"
    return Interval(path=path, distribution=distribution, low=low, high=high)


# --- Against the fields --------------------------------------------------------------------------


def with_whole_numbers(sweep: Sweep, drafts: dict[str, Draft]) -> Sweep:
    """The sweep, whose search draws whole numbers where a field takes no others."""
    if sweep.search is None:
        return sweep
    space = tuple(
        each.model_copy(update={"whole": True}) if isinstance(each, Interval) and _whole(each.path, drafts) else each
        for each in sweep.search.space
    )
    return sweep.model_copy(update={"search": sweep.search.model_copy(update={"space": space})})


def _whole(path: str, drafts: dict[str, Draft]) -> bool:
    kinds = {each.whole for each in _types_at(path.split("."), drafts) if isinstance(each, NumberType)}
    return kinds == {True}


def _types_at(names: list[str], drafts: dict[str, Draft]) -> tuple[FieldType, ...]:
    """What the field at a path takes; nothing where the path leads nowhere, which is reported elsewhere."""
    first, *rest = names
    named = [drafts[first]] if first in drafts else by_keyword(drafts, first)
    if len(named) != 1 or not rest:
        return ()
    block = class_of(named[0])
    part: Part | None = named[0].body
    types: tuple[FieldType, ...] = ()
    for name in rest:
        items = next((each.item for each in types if isinstance(each, PartsType)), None)
        if block is None and items is not None:  # a value by part, `inner.lr.head`
            types = items
            continue
        if block is None or name not in block.model_fields:
            return ()
        types = fields_of(block)[name]
        slot = part.slots.get(name) if part else None
        node = slot.node if slot else unfolded(block, name)
        node = node.start if isinstance(node, Marked) else node
        if isinstance(node, Leaf) and isinstance(node.value, tree.Name):
            node = Part(node.value, {}, node.chain, node.span)
        part = node if isinstance(node, Part) else None
        block = class_below(block, name, part) if part else None
    return types + tuple(start for each in types if isinstance(each, LearnedType) for start in each.start)


def search_ends(entry: tree.Search, search: Search, setter: Setter, scope: Scope) -> list[list[Assignment]]:
    """Both ends of each interval, and each choice, as assignments at the place where they are written."""
    rows = []
    space = {each.path: each for each in search.space}
    for each in entry.fields:
        drawn = space.get(each.path.text)
        match drawn:
            case Interval(low=low, high=high):
                span = each.value.span
                ends = (int(end) if drawn.whole and end == int(end) else end for end in (low, high))
                values: list[tree.Value] = [replace(number(end), span=span) for end in ends]
            case Choices():
                written = evaluate(each.value, scope, [])
                values = list(written.items) if isinstance(written, tree.ListValue) else []
            case _:
                continue
        rows += [[Assignment(each.path, value, setter, each.path.span)] for value in values]
    return rows


def search_places(key: str, block: tree.Block) -> dict[str, Span | None]:
    """Where the sweep and the objective of its search are written, for messages of later checks."""
    fields = [each for entry in block.entries if isinstance(entry, tree.Search) for each in entry.fields]
    own = {f"{key}.{each.path.text}": each.value.span for each in fields if each.path.text in ("objective", *OWN)}
    return {key: block.keyword.span, **own}
