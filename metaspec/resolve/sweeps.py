"""Sweeps: counted without being built; one point is a row of assignments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.bind import Scope, constant, evaluate, written_twice
from metaspec.resolve.origin import Layer, Setter
from metaspec.resolve.overrides import Assignment
from metaspec.resolve.reading import describe_value
from metaspec.resolve.searches import read_search, search_ends
from metaspec.resolve.value_text import parse_rest
from metaspec.source import Source, Span
from metaspec.spec.blocks import Axis, Sweep, When
from metaspec.syntax import tree
from metaspec.syntax.literals import number
from metaspec.syntax.printer import print_value

_MOST_VALUES = 100_000


@dataclass(frozen=True, slots=True)
class _Written:
    """An axis, and the place of each of its paths."""

    axis: Axis
    places: tuple[Span | None, ...]


def read_sweep(key: str, block: tree.Block, scope: Scope, found: list[Diagnostic]) -> Sweep | None:
    """The axes of a `sweep` block; None where one is wrong, which is reported."""
    before = len(found)
    written: list[_Written] = []
    when: list[When] = []
    searches: list[tree.Search] = []
    for entry in block.entries:
        match entry:
            case tree.Grid(fields=fields):
                written += [
                    _Written(Axis(paths=(each.path.text,), points=tuple((text,) for text in column)), (each.path.span,))
                    for each in fields
                    if (column := _column(each, scope, found)) is not None
                ]
            case tree.Zip(fields=fields):
                axis = _zip(entry, fields, scope, found)
                written += [axis] if axis else []
            case tree.ListOf(keyword=keyword, constructors=choices):
                axis = _list(entry, keyword, choices, scope, found)
                written += [axis] if axis else []
            case tree.When(block=name, kind=kind, fields=fields):
                assignments = tuple(
                    (each.path.text, text) for each in fields if (text := _text(each.value, scope, found)) is not None
                )
                when.append(When(block=name.text, kind=kind.text, assignments=assignments))
            case tree.Search():
                searches.append(entry)
            case _:
                found.append(error("E0115", "a sweep holds grid, zip, list, when and search", entry.span))
    if searches:
        found += [_not_alone(entry) for entry in block.entries if entry is not searches[0]]
        search = read_search(searches[0], scope, found)
        return None if search is None or len(found) > before else Sweep(search=search)
    if not written and len(found) == before:
        found.append(
            error("E0803", f"the sweep `{key}` varies nothing", block.span, help=["write `grid { PATH = [..] }`"])
        )
    _no_path_twice(written, found)
    if len(found) > before:
        return None
    return Sweep(axes=tuple(each.axis for each in written), when=tuple(when))


def _not_alone(entry: tree.Entry) -> Diagnostic:
    return error(
        "E0803",
        "a `search` stands alone in its sweep: it draws its points one after the other",
        entry.span,
        help=["write values to choose from into the search, such as `train.seed = [0, 1]`", "or use two sweeps"],
    )


def each_alone(key: str, sweep: Sweep, block: tree.Block, scope: Scope) -> list[list[Assignment]]:
    """The values of each axis, or of each entry of a search, without those of the others."""
    if sweep.search is not None:
        entry = next(entry for entry in block.entries if isinstance(entry, tree.Search))
        return search_ends(entry, sweep.search, Setter(Layer.POINT, f"sweep {key}"), scope)
    alone, before = [], 1
    for axis in reversed(sweep.axes):
        for place in range(len(axis.points)):
            row = point_assignments(key, sweep, place * before)
            alone.append([each for each in row if each.path.text in axis.paths])
        before *= len(axis.points)
    return alone


def drawn_assignments(key: str, point: int, settings: Iterable[tuple[str, str]]) -> list[Assignment]:
    """The assignments of a trial, which a search has drawn."""
    return [_assignment(path, text, _setter(key, point)) for path, text in settings]


def point_assignments(key: str, sweep: Sweep, point: int) -> list[Assignment]:
    """The assignments of one point, counted from 0; the last axis changes fastest. Without those of `when`."""
    setter = _setter(key, point)
    chosen: list[Assignment] = []
    for axis in reversed(sweep.axes):
        point, place = divmod(point, len(axis.points))
        pairs = zip(axis.paths, axis.points[place], strict=True)
        chosen[:0] = [_assignment(path, text, setter) for path, text in pairs]
    return chosen


def when_assignments(key: str, point: int, when: When) -> list[Assignment]:
    """The assignments of a `when` whose condition holds."""
    return [_assignment(path, text, _setter(key, point)) for path, text in when.assignments]


def _setter(key: str, point: int) -> Setter:
    return Setter(Layer.POINT, f"point {point} of sweep {key}")


def _assignment(path: str, text: str, setter: Setter) -> Assignment:
    source = Source(setter.name, f"{path} = {text}")
    value, problems = parse_rest(source, len(path) + 3)
    if value is None:
        raise ValueError(f"a sweep holds {text!r}, which is no value: {problems[0].message}")
    span = Span(source, 0, len(path))
    return Assignment(tree.Name(path, span=span), value, setter, span)


# --- Axes ----------------------------------------------------------------------------------------


def _zip(entry: tree.Zip, fields: Iterable[tree.Field], scope: Scope, found: list[Diagnostic]) -> _Written | None:
    fields = tuple(fields)
    columns = [_column(each, scope, found) for each in fields]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns) or not known:
        return None
    if len({len(column) for column in known}) > 1:
        lengths = ", ".join(f"{each.path.text} has {len(column)}" for each, column in zip(fields, known, strict=True))
        found.append(error("E0803", f"the lists of a `zip` have one length: {lengths}", entry.span))
        return None
    points = tuple(zip(*known, strict=True))
    axis = Axis(paths=tuple(each.path.text for each in fields), points=points)
    return _Written(axis, tuple(each.path.span for each in fields))


def _list(
    entry: tree.ListOf,
    keyword: tree.Name,
    choices: Iterable[tree.Constructor | tree.Name],
    scope: Scope,
    found: list[Diagnostic],
) -> _Written | None:
    texts = [_text(each, scope, found) for each in choices]
    known = tuple((text,) for text in texts if text is not None)
    if not texts:
        found.append(error("E0803", f"`list {keyword.text}` lists nothing", entry.span))
    if not known or len(known) < len(texts):
        return None
    return _Written(Axis(paths=(keyword.text,), points=known), (keyword.span,))


def _no_path_twice(written: Iterable[_Written], found: list[Diagnostic]) -> None:
    seen: dict[str, Span | None] = {}
    for each in written:
        for path, span in zip(each.axis.paths, each.places, strict=True):
            if path in seen:
                found.append(written_twice(path, span, seen[path]))
            seen.setdefault(path, span)


def _column(field: tree.Field, scope: Scope, found: list[Diagnostic]) -> list[str] | None:
    """The values of one field, as texts."""
    value = evaluate(field.value, scope, found)
    match value:
        case None:
            return None
        case tree.ListValue(items=items) if items:
            return [print_value(item) for item in items]
        case tree.Range():
            return _range(value, found)
        case tree.Call(name=tree.Name(text="logspace" | "linspace")):
            return _space(value, found)
    message = f"a sweep takes a list of values for `{field.path.text}`; this is {describe_value(value)}"
    if isinstance(value, tree.ListValue):
        message = f"the list of values for `{field.path.text}` is empty"
    found.append(error("E0803", message, field.value.span, help=["write `[0.1, 0.2]`, `0..4` or `logspace(..)`"]))
    return None


def _range(value: tree.Range, found: list[Diagnostic]) -> list[str] | None:
    first, last = constant(value.first), constant(value.last)
    if not isinstance(first, int) or not isinstance(last, int) or not first <= last < first + _MOST_VALUES:
        found.append(error("E0803", "a range goes from a whole number up to another", value.span))
        return None
    return [print_value(number(each)) for each in range(first, last + 1)]


def _space(call: tree.Call, found: list[Diagnostic]) -> list[str] | None:
    """`logspace(first, last, n)`: n values from first to last with equal ratios; `linspace`: equal differences."""
    name = call.name.text
    values = [constant(each) for each in call.args]
    if len(values) != 3 or call.named or any(each is None for each in values):
        found.append(error("E0803", f"write `{name}(first, last, count)`", call.span))
        return None
    first, last, count = (each for each in values if each is not None)
    if count != int(count) or not 2 <= count <= _MOST_VALUES:
        found.append(error("E0803", f"the count of `{name}` is a whole number of 2 or more", call.span))
        return None
    if name == "logspace" and (first <= 0 or last <= 0):
        found.append(error("E0803", "both ends of `logspace` are above 0", call.span))
        return None
    shares = [place / (int(count) - 1) for place in range(int(count))]
    if name == "linspace":
        points = [first + share * (last - first) for share in shares]
    else:
        points = [first * (last / first) ** share for share in shares]
    points[-1] = last
    # Twelve digits: 1e-3 in the middle of an axis is 0.001, and not 0.0009999999999999998.
    return [print_value(number(float(f"{each:.12g}"))) for each in points]


def _text(value: tree.Value, scope: Scope, found: list[Diagnostic]) -> str | None:
    evaluated = evaluate(value, scope, found)
    return None if evaluated is None else print_value(evaluated)
