"""The tree of a spec, as written: no names are looked up, no defaults filled in.

Every node that comes from a text has a span. A node made by a program has none. Spans do not take
part in equality, so two trees are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from metaspec.source import Source, Span

# --- Names -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """A name, alone or with dots: `softmax`, `base.net`, `outer.lr`. As a value: a choice, a kind
    without fields, a `let`, or a block."""

    text: str
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.text.split("."))


# --- Values ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its spelling: `20_000`, `3e-4`, `30s`, `90%`.

    `value` is the number before its unit, an int where the spelling has neither point nor exponent;
    `text` is the whole spelling, unit included. Whether the unit exists is not checked here.
    """

    text: str
    value: int | float
    unit: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class String:
    """`value` has its escapes resolved."""

    value: str
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Boolean:
    value: bool
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Range:
    """`first..last`; both ends belong to it."""

    first: Value
    last: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left op right`, where `op` is one of `+ - * /`."""

    op: str
    left: Value
    right: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Negative:
    """`-value`"""

    value: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arg, .., named = value, ..)`: a distribution, a schedule of a number, `learned`, `load`."""

    name: Name
    args: tuple[Value, ...] = ()
    named: tuple[Field, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Constructor:
    """`kind { field = value .. }`. A kind without braces is a `Name`."""

    kind: Name
    fields: tuple[Field, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Table:
    """`{ part = value .. }`: one value for each part of the parameters."""

    fields: tuple[Field, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


Value = Number | String | Boolean | Name | ListValue | Range | Arithmetic | Negative | Call | Constructor | Table


# --- Entries of a block ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """`path = value`; in sweeps the path has dots: `outer.lr = 0.1`."""

    path: Name
    value: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`metric op value` in `expect`, where `op` is one of `>= <= > < ==`."""

    metric: Name
    op: str
    value: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Grid:
    """`grid { .. }`: every combination of the fields' values."""

    fields: tuple[Field, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Zip:
    """`zip { .. }`: the fields' values taken together, first with first."""

    fields: tuple[Field, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class ListOf:
    """`list BLOCK { kind {..} .. }`: the whole block is replaced by each in turn. `keyword` is the
    keyword of the block, or the name of a named block; an element without fields is a `Name`."""

    keyword: Name
    constructors: tuple[Constructor | Name, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class When:
    """`when BLOCK is KIND { .. }`: fields for those points only where the block is of that kind."""

    block: Name
    kind: Name
    fields: tuple[Field, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Search:
    """`search { .. }`: distributions to draw from, and the fields of the search itself."""

    fields: tuple[Field, ...]
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


Entry = Field | Comparison | Grid | Zip | ListOf | When | Search


# --- Items of a file ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Language:
    """`language 1`"""

    version: Number
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Import:
    """`import "base.meta" as base` or `import python "my_tasks.py"`"""

    path: String
    alias: Name | None = None
    python: bool = False
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Let:
    """`let name = value`"""

    name: Name
    value: Value
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Block:
    """`keyword [name] [= kind] { entries }`. `body` is None where no braces are written.

    `keyword` is a Name so that it has a span; its text may be a word that is no keyword (E0201 has
    then been reported).
    """

    keyword: Name
    name: Name | None = None
    kind: Name | None = None
    body: tuple[Entry, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False, kw_only=True)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The entries, none where no braces are written."""
        return self.body or ()


Item = Language | Import | Let | Block


@dataclass(frozen=True, slots=True)
class File:
    """A whole file. Items that could not be read are left out (an error has been reported)."""

    items: tuple[Item, ...]
    source: Source | None = field(default=None, compare=False, repr=False)
