"""A block between its tree and its IR: names of values replaced, layers merged, nothing checked yet.

A draft is a tree of three nodes. Each remembers who set it, so that the IR can say where a value comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from metaspec.resolve.origin import Chain
from metaspec.source import Span
from metaspec.syntax.tree import Comparison, Name, Value


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without fields. Its `let`s are replaced and its arithmetic is done."""

    value: Value
    chain: Chain

    @property
    def span(self) -> Span | None:
        return self.value.span


@dataclass(frozen=True, slots=True)
class Slot:
    """A field: its name as written, and what it holds."""

    path: Name
    node: Node


@dataclass(frozen=True, slots=True)
class Part:
    """`kind { fields }`, or `{ fields }` where `kind` is None: a table, or a block without a kind."""

    kind: Name | None
    slots: Mapping[str, Slot]
    chain: Chain
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Marked:
    """`learned(start, options)`. `shared` is the `let` that declares it, if one does."""

    start: Node
    options: Mapping[str, Slot]
    chain: Chain
    shared: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    """`fixed(value)`: as a new value it also takes `learned` off the old one."""

    node: Leaf | Part
    chain: Chain
    span: Span | None = None


Node = Leaf | Part | Marked | Fixed


@dataclass(frozen=True, slots=True)
class Draft:
    """A block. `key` is what its paths begin with: the name of a named block, else the keyword."""

    keyword: str
    key: str
    body: Part
    name: Name | None = None
    comparisons: tuple[Comparison, ...] = field(default=(), repr=False)
    preset: str | None = None  # the preset that the block was written as, or that made it
    written: bool = True  # in a file or an override, and not by a preset alone
    imported: bool = False
    span: Span | None = None

    @property
    def kind(self) -> str | None:
        return self.body.kind.text if self.body.kind else None


def merge(old: Node | None, new: Node) -> Node:
    """What holds when `new` is set over `old`.

    A plain value for a learned one replaces its starting value, and it stays learned; `fixed(value)` un-learns
    it. Anything else replaces the old value whole.
    """
    chain = (old.chain if old else ()) + new.chain
    if isinstance(new, Fixed):
        return replace(new.node, chain=chain)
    if isinstance(old, Marked) and _is_start(new):
        return replace(old, start=replace(new, chain=old.start.chain + new.chain), chain=chain)
    return replace(new, chain=chain)


def _is_start(node: Node) -> bool:
    """Whether a node can be what a learned value starts at: anything but a table, which has marks of its own."""
    return isinstance(node, Leaf) or (isinstance(node, Part) and node.kind is not None)


def merge_slots(old: Mapping[str, Slot], new: Mapping[str, Slot]) -> dict[str, Slot]:
    """The fields of a block under those written over it."""
    merged = dict(old)
    for name, slot in new.items():
        below = old[name].node if name in old else None
        merged[name] = Slot(slot.path, merge(below, slot.node))
    return merged


def overlay(old: Draft, new: Draft) -> Draft:
    """`new` written over `old`: of the same kind, or without one, field by field; of another, in its place."""
    if new.body.kind is not None and new.kind != old.kind:
        return new
    body = Part(
        kind=new.body.kind or old.body.kind,
        slots=merge_slots(old.body.slots, new.body.slots),
        chain=old.body.chain + new.body.chain,
        span=new.body.span or old.body.span,
    )
    return replace(
        new,
        body=body,
        name=new.name or old.name,
        preset=old.preset or new.preset,
        comparisons=new.comparisons or old.comparisons,
        span=new.span or old.span,
    )
