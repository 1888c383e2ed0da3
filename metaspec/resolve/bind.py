"""Values as written -> drafts: `let`s are replaced, arithmetic on constants is done, `learned` is found."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from metaspec.diagnostics import Diagnostic, error
from metaspec.diagnostics.suggest import suggest
from metaspec.resolve.draft import Fixed, Leaf, Marked, Node, Part, Slot
from metaspec.resolve.origin import Origin, Setter
from metaspec.source import Span
from metaspec.syntax import tree
from metaspec.syntax.literals import number
from metaspec.syntax.printer import print_value

CONSTANTS = {"pi": math.pi, "e": math.e}
_OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_ONLY_NUMBERS = "arithmetic is done on numbers only"


@dataclass(frozen=True, slots=True)
class Binding:
    """A `let`: its value, ready to use, and the `let` that a `learned` in it is named by."""

    name: str
    value: tree.Value | None  # None where it is wrong, which has been reported
    shared: str
    span: Span | None


@dataclass(slots=True)
class Scope:
    """The names that values of one file can use. `used` collects those they did use."""

    lets: dict[str, Binding] = field(default_factory=dict)
    aliases: dict[str, Scope] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def find(self, name: tree.Name) -> Binding | None:
        first, *rest = name.parts
        if not rest:
            binding = self.lets.get(first)
            if binding:
                self.used.add(first)
            return binding
        scope = self.aliases.get(first)
        return scope.find(tree.Name(".".join(rest))) if scope else None


def define(let: tree.Let, scope: Scope, found: list[Diagnostic]) -> Binding:
    """The binding of a `let`. One that only renames another shares the other's meta-parameter."""
    value = evaluate(let.value, scope, found)
    other = scope.find(let.value) if isinstance(let.value, tree.Name) else None
    return Binding(let.name.text, value, other.shared if other else let.name.text, let.name.span)


def evaluate(value: tree.Value, scope: Scope, found: list[Diagnostic]) -> tree.Value | None:
    """The value without names of `let`s and without arithmetic; None where that fails, which is reported."""
    match value:
        case tree.Name():
            return _name(value, scope, found)
        case tree.Negative() | tree.Arithmetic():
            return _arithmetic(value, scope, found)
        case tree.ListValue():
            items = _all(value.items, scope, found)
            return None if items is None else replace(value, items=items)
        case tree.Range():
            ends = _all((value.first, value.last), scope, found)
            return None if ends is None else replace(value, first=ends[0], last=ends[1])
        case tree.Call():
            args, named = _all(value.args, scope, found), _fields(value.named, scope, found)
            return None if args is None or named is None else replace(value, args=args, named=named)
        case tree.Constructor() | tree.Table():
            fields = _fields(value.fields, scope, found)
            return None if fields is None else replace(value, fields=fields)
    return value


def bind(value: tree.Value, scope: Scope, setter: Setter, found: list[Diagnostic]) -> Node | None:
    """The draft of a value, set by `setter`; None where the value is wrong, which has been reported."""
    binding = scope.find(value) if isinstance(value, tree.Name) else None
    if binding is None:
        return _node(value, scope, _Setting(setter), found)
    if binding.value is None:
        return None
    through = f"let {binding.name}" + (f", {binding.span.where}" if binding.span else "")
    return _node(binding.value, scope, _Setting(setter, through, binding.shared, value.span), found)


@dataclass(frozen=True, slots=True)
class _Setting:
    """Who sets a field. Through a `let`, every node has the place of its use, and `learned` the name of the `let`."""

    setter: Setter
    through: str = ""
    shared: str = ""
    span: Span | None = None

    def place(self, value: tree.Value) -> Span | None:
        return self.span if self.through else value.span

    def origin(self, value: tree.Value) -> tuple[Origin]:
        place = value.kind.span if isinstance(value, tree.Constructor) and not self.through else self.place(value)
        return (Origin(self.setter, text_of(value), place, self.through),)


def _node(value: tree.Value, scope: Scope, setting: _Setting, found: list[Diagnostic]) -> Node | None:
    match value:
        case tree.Constructor() | tree.Table():
            kind = value.kind if isinstance(value, tree.Constructor) else None
            slots = _slots(value.fields, scope, setting, found)
            return Part(kind, slots, setting.origin(value), setting.place(value))
        case tree.Call(name=tree.Name(text="learned" | "fixed")):
            return _marked(value, scope, setting, found)
    evaluated = evaluate(value, scope, found)
    if evaluated is None:
        return None
    return Leaf(replace(evaluated, span=setting.place(value)), setting.origin(value))


def _marked(call: tree.Call, scope: Scope, setting: _Setting, found: list[Diagnostic]) -> Marked | Fixed | None:
    """`learned(start, options)` or `fixed(value)`."""
    word = call.name.text
    span = setting.place(call)
    if len(call.args) != 1 or (word == "fixed" and call.named):
        found.append(
            error(
                "E0301",
                f"`{word}` takes one value without a name",
                span,
                help=["write `learned(0.1, per = layer)`, with names before all options"]
                if word == "learned"
                else ["write `fixed(0.1)`"],
            )
        )
        return None
    start = bind(call.args[0], scope, setting.setter, found)
    if start is None:
        return None
    if isinstance(start, (Marked, Fixed)):
        found.append(error("E0301", f"`{word}` cannot hold another `learned` or `fixed`", span))
        return None
    if word == "fixed":
        return Fixed(start, setting.origin(call), span)
    options = _slots(call.named, scope, replace(setting, shared=""), found)
    return Marked(start, options, setting.origin(call), setting.shared, span)


def slots_of(fields: Iterable[tree.Field], scope: Scope, setter: Setter, found: list[Diagnostic]) -> dict[str, Slot]:
    """The drafts of the fields between braces. A field written twice is reported; the first one stays."""
    return _slots(fields, scope, _Setting(setter), found)


def _slots(fields: Iterable[tree.Field], scope: Scope, setting: _Setting, found: list[Diagnostic]) -> dict[str, Slot]:
    slots: dict[str, Slot] = {}
    for each in fields:
        name = each.path.text
        if name in slots:
            found.append(written_twice(name, each.path.span, slots[name].path.span))
            continue
        if setting.through:
            shared = f"{setting.shared}_{name}" if setting.shared else ""
            node = _node(each.value, scope, replace(setting, shared=shared), found)
        else:
            node = bind(each.value, scope, setting.setter, found)
        if node is None:
            node = Leaf(tree.Name("", span=each.value.span), ())  # reported; holds the field's place
        slots[name] = Slot(each.path, node)
    return slots


def is_reported(node: Node) -> bool:
    """Whether a node only stands for a value whose mistake has been reported."""
    return isinstance(node, Leaf) and node.value == tree.Name("")


def written_twice(name: str, span: Span | None, first: Span | None) -> Diagnostic:
    related = [(first, "first written here")]
    return error(
        "E0205", f"`{name}` is written twice", span, label="again here", related=related, help=["remove one of the two"]
    )


def text_of(value: tree.Value) -> str:
    """A value in one line, as its author spelled it where that is one line; lines may have comments between them."""
    if value.span is not None and "\n" not in value.span.text:
        return " ".join(value.span.text.split())
    return print_value(value)


def _name(name: tree.Name, scope: Scope, found: list[Diagnostic]) -> tree.Value | None:
    binding = scope.find(name)
    if binding:
        return replace(binding.value, span=name.span) if binding.value is not None else None
    if name.text in CONSTANTS:
        value = CONSTANTS[name.text]
        return tree.Number(repr(value), value, span=name.span)
    if len(name.parts) == 1:
        return name
    alias, rest = name.parts[0], ".".join(name.parts[1:])
    inner = scope.aliases.get(alias)
    legal = [f"{alias}.{known}" for known in inner.lets] if inner else list(scope.aliases)
    near = suggest(name.text if inner else alias, legal)
    message = f"`{alias}` has no `let {rest}`" if inner else f"there is no import called `{alias}`"
    found.append(error("E0204", message, name.span, help=[f"did you mean `{near}`?"] if near else []))
    return None


def _all(values: Iterable[tree.Value], scope: Scope, found: list[Diagnostic]) -> tuple[tree.Value, ...] | None:
    evaluated = [evaluate(value, scope, found) for value in values]
    kept = tuple(value for value in evaluated if value is not None)
    return kept if len(kept) == len(evaluated) else None


def _fields(fields: Iterable[tree.Field], scope: Scope, found: list[Diagnostic]) -> tuple[tree.Field, ...] | None:
    fields = tuple(fields)
    values = _all((each.value for each in fields), scope, found)
    if values is None:
        return None
    return tuple(replace(each, value=value) for each, value in zip(fields, values, strict=True))


def _arithmetic(value: tree.Negative | tree.Arithmetic, scope: Scope, found: list[Diagnostic]) -> tree.Value | None:
    if isinstance(value, tree.Negative):
        inner = evaluate(value.value, scope, found)
        if inner is None:
            return None
        operand = constant(inner)
        if operand is None:
            found.append(error("E0306", "only a number has a sign", value.span, label=_ONLY_NUMBERS))
            return None
        return replace(number(-operand), span=value.span)
    ends = _all((value.left, value.right), scope, found)
    if ends is None:
        return None
    left, right = constant(ends[0]), constant(ends[1])
    if left is None or right is None:
        wrong = value.left if left is None else value.right
        found.append(
            error(
                "E0306",
                f"`{value.op}` has an operand that is no plain number",
                wrong.span,
                label=_ONLY_NUMBERS,
                help=["write the unit on the result, not inside the arithmetic"]
                if isinstance(wrong, tree.Number)
                else [],
            )
        )
        return None
    if value.op == "/" and right == 0:
        found.append(error("E0306", "division by zero", value.span))
        return None
    result = _OPERATIONS[value.op](left, right)
    if not math.isfinite(result):
        found.append(error("E0306", "the result is too large for a number", value.span))
        return None
    return replace(number(result), span=value.span)


def constant(value: tree.Value) -> int | float | None:
    """The number that a value without names is; None for anything else, and for a number with a unit."""
    match value:
        case tree.Number(value=amount, unit=None):
            return amount
        case tree.Negative(value=inner):
            opposite = constant(inner)
            return None if opposite is None else -opposite
    return None
