"""The IR -> a tree: what a program built, as a spec that a person could have written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from metaspec.source import Source
from metaspec.spec.base import Frozen
from metaspec.spec.blocks import Axis, Choices, Expect, Interval, Search, Sweep
from metaspec.spec.declared import (
    ChoiceType,
    FieldType,
    LearnedType,
    ListType,
    NameType,
    NumberType,
    PartsType,
    fields_of,
)
from metaspec.spec.kind import Data, Kind
from metaspec.spec.spec import Spec
from metaspec.spec.values import Decay, Distribution, Learned, Load, MultiStep, Parts, Weighted
from metaspec.syntax import tree
from metaspec.syntax.literals import number
from metaspec.syntax.parser import parse_value
from metaspec.syntax.printer import print_tree, print_value

_UNIT_SUFFIX = {"duration": "s", "bytes": "B"}


@dataclass(slots=True)
class _Writing:
    """`complete` writes fields at their defaults too, but for those in `idle`, paths of fields without effect.

    `lets` collects meta-parameters that fields share.
    """

    complete: bool
    idle: frozenset[str] = frozenset()
    lets: dict[str, tree.Value] = field(default_factory=dict)


def to_meta(spec: Spec, complete: bool = False) -> str:
    """A valid file that resolves to this spec. `complete`: with the fields at their defaults that have an effect."""
    return print_tree(to_tree(spec, complete))


def to_tree(spec: Spec, complete: bool = False) -> tree.File:
    """The tree of that file."""
    writing = _Writing(complete, _idle(spec))
    blocks: list[tree.Block] = []
    for keyword, group in (("task", spec.tasks), ("cluster", spec.clusters), ("model", spec.models)):
        blocks += [_kind_block(keyword, key, kind, writing) for key, kind in group.items()]
    for keyword in ("inner", "metagrad", "outer", "schedule"):
        blocks.append(_kind_block(keyword, keyword, getattr(spec, keyword), writing))
    for keyword in ("train", "evaluate"):
        fields = _fields(getattr(spec, keyword), keyword, writing)
        if fields:
            blocks.append(tree.Block(tree.Name(keyword), body=fields))
    blocks += [_sweep(key, sweep) for key, sweep in spec.sweeps.items()]
    if spec.expect:
        blocks.append(_expect(spec.expect))
    lets = [tree.Let(tree.Name(name), value) for name, value in writing.lets.items()]
    python = [tree.Import(tree.String(path), python=True) for path in spec.python]
    language = tree.Language(tree.Number(str(spec.language), spec.language))
    return tree.File((language, *python, *lets, *blocks))


def spelled(value: Any, types: tuple[FieldType, ...] = ()) -> str:
    """One value of the IR as text of the language."""
    return print_value(_value(value, types, "", _Writing(complete=False)))


# --- Blocks --------------------------------------------------------------------------------------


def _kind_block(keyword: str, key: str, kind: Kind, writing: _Writing) -> tree.Block:
    name = tree.Name(key) if key != keyword else None
    return tree.Block(tree.Name(keyword), name, tree.Name(kind.name), _fields(kind, key, writing))


def _fields(block: Frozen, path: str, writing: _Writing) -> tuple[tree.Field, ...]:
    """The fields that are not at their defaults, or all that have an effect."""
    fields = []
    for name, types in fields_of(type(block)).items():
        value = getattr(block, name)
        info = type(block).model_fields[name]
        shown = writing.complete and value not in (None, ()) and f"{path}.{name}" not in writing.idle
        if info.is_required() or value != info.default or shown:
            fields.append(tree.Field(tree.Name(name), _value(value, types, f"{path}.{name}", writing)))
    return tuple(fields)


def _idle(spec: Spec) -> frozenset[str]:
    data = {key: (getattr(task, "data", None), task.trains) for key, task in spec.tasks.items()}
    return frozenset(
        f"{key}.data.{name}"
        for key, (each, trains) in data.items()
        if isinstance(each, Data)
        for name in each.idle(trains)
    )


def _expect(expect: Expect) -> tree.Block:
    entries: list[tree.Entry] = [
        tree.Comparison(tree.Name(each.metric), each.relation, number(each.bound)) for each in expect.conditions
    ]
    if expect.source is not None:
        entries.append(tree.Field(tree.Name("source"), tree.String(expect.source)))
    return tree.Block(tree.Name("expect"), body=tuple(entries))


def _sweep(key: str, sweep: Sweep) -> tree.Block:
    name = tree.Name(key) if key != "sweep" else None
    entries: list[tree.Entry] = [_search(sweep.search)] if sweep.search else [_axis(axis) for axis in sweep.axes]
    for when in sweep.when:
        fields = tuple(tree.Field(tree.Name(path), _parsed(text)) for path, text in when.assignments)
        entries.append(tree.When(tree.Name(when.block), tree.Name(when.kind), fields))
    return tree.Block(tree.Name("sweep"), name, body=tuple(entries))


def _search(search: Search) -> tree.Search:
    objective = tree.Call(tree.Name(search.direction), (tree.Name(search.metric),))
    fields = [tree.Field(tree.Name(each.path), _space(each)) for each in search.space]
    fields += [
        tree.Field(tree.Name("trials"), number(search.trials)),
        tree.Field(tree.Name("objective"), objective),
        tree.Field(tree.Name("sampler"), tree.Name(search.sampler)),
    ]
    return tree.Search(tuple(fields))


def _space(drawn: Interval | Choices) -> tree.Value:
    if isinstance(drawn, Choices):
        return tree.ListValue(tuple(_parsed(text) for text in drawn.values))
    whole = drawn.whole and drawn.low == int(drawn.low) and drawn.high == int(drawn.high)
    ends = [number(int(end) if whole else end) for end in (drawn.low, drawn.high)]
    if drawn.whole and drawn.distribution == "uniform" and whole:
        return tree.Range(*ends)
    return _call(drawn.distribution, ends)


def _axis(axis: Axis) -> tree.Entry:
    columns = [tuple(_parsed(point[place]) for point in axis.points) for place in range(len(axis.paths))]
    if len(axis.paths) == 1 and "." not in axis.paths[0]:
        choices = tuple(each for each in columns[0] if isinstance(each, (tree.Constructor, tree.Name)))
        return tree.ListOf(tree.Name(axis.paths[0]), choices)
    fields = tuple(
        tree.Field(tree.Name(path), tree.ListValue(column)) for path, column in zip(axis.paths, columns, strict=True)
    )
    return tree.Grid(fields) if len(fields) == 1 else tree.Zip(fields)


def _parsed(text: str) -> tree.Value:
    value, found = parse_value(Source("sweep", text))
    if value is None:
        raise ValueError(f"the sweep holds {text!r}, which is no value: {found[0].message}")
    return value


# --- Values --------------------------------------------------------------------------------------


def _value(value: Any, types: tuple[FieldType, ...], path: str, writing: _Writing) -> tree.Value:
    match value:
        case None:
            return tree.Name("none")
        case bool():
            return tree.Boolean(value)
        case int() | float():
            return _quantity(value, types)
        case str():
            return tree.Name(value) if _is_name(value, types) else tree.String(value)
        case tuple():
            item = next((each.item for each in types if isinstance(each, ListType)), ())
            return tree.ListValue(tuple(_value(each, item, path, writing) for each in value))
        case Kind():
            fields = _fields(value, path, writing)
            return tree.Constructor(tree.Name(value.name), fields) if fields else tree.Name(value.name)
        case Learned():
            return _learned(value, types, path, writing)
        case Parts():
            item = next((each.item for each in types if isinstance(each, PartsType)), ())
            return tree.Table(
                tuple(
                    tree.Field(tree.Name(name), _value(part, item, f"{path}.{name}", writing))
                    for name, part in value.parts.items()
                )
            )
        case Distribution(distribution=name, arguments=arguments) | Decay(schedule=name, arguments=arguments):
            return _call(name, (_value(each, (), path, writing) for each in arguments))
        case MultiStep(share=share):
            return _call("multi_step", [number(share)])
        case Weighted(weights=weights):
            return _call("weighted", [tree.ListValue(tuple(number(each) for each in weights))])
        case Load(load=folder):
            return _call("load", [tree.String(folder)])
    raise TypeError(f"{type(value).__name__} cannot be written in the language")


def _call(name: str, arguments: Iterable[tree.Value]) -> tree.Call:
    return tree.Call(tree.Name(name), tuple(arguments))


def _quantity(value: int | float, types: tuple[FieldType, ...]) -> tree.Value:
    unit = next((each.unit for each in types if isinstance(each, NumberType) and each.unit), None)
    whole = int(value) if value == int(value) else value
    if unit is None:
        return number(value if isinstance(value, float) and abs(value) < 1e6 and value != int(value) else whole)
    suffix = _UNIT_SUFFIX[unit]
    return tree.Number(f"{print_value(number(whole))}{suffix}", whole, suffix)


def _is_name(text: str, types: tuple[FieldType, ...]) -> bool:
    """Whether a text of the IR is written without quotes: a choice, or the name of something. Without a
    declaration every text is."""
    choices = any(isinstance(each, ChoiceType) and text in each.options for each in types)
    return choices or not types or any(isinstance(each, NameType) for each in types)


def _learned(value: Learned, types: tuple[FieldType, ...], path: str, writing: _Writing) -> tree.Value:
    start = next((each.start for each in types if isinstance(each, LearnedType)), ())
    named = []
    for name, each in fields_of(Learned[float]).items():
        given = getattr(value, name)
        if name in ("start", "name") or given == Learned.model_fields[name].default:
            continue
        alone = given[0] if name == "per" and len(given) == 1 else given
        wanted = each + next((part.item for part in each if isinstance(part, ListType)), ())
        named.append(tree.Field(tree.Name(name), _value(alone, wanted, f"{path}.{name}", writing)))
    call = tree.Call(tree.Name("learned"), (_value(value.start, start, path, writing),), tuple(named))
    if value.name in ("", path):
        return call
    writing.lets[value.name] = call
    return tree.Name(value.name)
