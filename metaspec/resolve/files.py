"""Reads a file and everything that it imports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from metaspec.diagnostics import Diagnostic, Fix, error, warning
from metaspec.diagnostics.suggest import suggest
from metaspec.resolve.bind import Binding, define, written_twice
from metaspec.resolve.declarations import declare
from metaspec.resolve.origin import Layer, Setter
from metaspec.resolve.unit import LANGUAGE, NAMED, UNNAMED, PythonModule, Unit
from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.parser import parse

UNKNOWN_VERSION = "E0209"


def read_unit(source: Source, found: list[Diagnostic]) -> Unit:
    """Read a file and its imports. What is wrong is added to `found`; what could be read is in the unit."""
    way = (source.path.resolve(),) if source.path else ()
    return _read(source, Layer.FILE, way, found)


def _read(source: Source, layer: Layer, way: tuple[Path, ...], found: list[Diagnostic]) -> Unit:
    parsed = parse(source)
    found += parsed.diagnostics
    unit = Unit(source, sources=[source])
    setter = Setter(layer, source.name)
    items = parsed.tree.items
    _unread(parsed.unread, unit)
    for item in items:
        if isinstance(item, tree.Language):
            unit.language = _language(item, found)
        elif isinstance(item, tree.Import):
            _import(item, unit, way, found)
    for item in items:
        if isinstance(item, tree.Let):
            _let(item, unit, found)
    for item in items:
        if isinstance(item, tree.Block):
            declare(item, unit, setter, found)
    return unit


def _unread(headings: Iterable[tuple[str, str]], unit: Unit) -> None:
    """Remember what could not be read. A `let` of it is bound to a value whose mistake has been reported."""
    for keyword, name in headings:
        if keyword == "let":
            unit.scope.lets[name] = Binding(name, None, name, None)
            unit.unread[f"let {name}"] = keyword
        elif keyword in NAMED + UNNAMED:
            unit.unread[name if name and keyword in NAMED else keyword] = keyword


def unused_lets(unit: Unit) -> list[Diagnostic]:
    """A warning for each `let` of the main file that no value uses; none where a value could not be read."""
    if unit.unread:
        return []
    return [
        warning("W0102", f"`let {name}` is used nowhere", binding.span, help=["remove it, or use it"])
        for name, binding in unit.scope.lets.items()
        if name not in unit.scope.used and binding.span and binding.span.source is unit.source
    ]


def _language(item: tree.Language, found: list[Diagnostic]) -> int:
    if item.version.value != LANGUAGE or item.version.unit:
        found.append(
            error(
                UNKNOWN_VERSION,
                f"this version reads language {LANGUAGE}, the file is written in language {item.version.text}",
                item.version.span,
                help=["install a newer version of metaspec"],
            )
        )
    return LANGUAGE


def _let(item: tree.Let, unit: Unit, found: list[Diagnostic]) -> None:
    name = item.name.text
    earlier = unit.scope.lets.get(name)
    if earlier and earlier.span and earlier.span.source is unit.source:
        found.append(written_twice(f"let {name}", item.name.span, earlier.span))
        return
    unit.scope.lets[name] = define(item, unit.scope, found)


# --- Imports -------------------------------------------------------------------------------------


def _import(item: tree.Import, unit: Unit, way: tuple[Path, ...], found: list[Diagnostic]) -> None:
    folder = unit.source.path.parent if unit.source.path else Path.cwd()
    path = folder / item.path.value
    if not path.is_file():
        found.append(_not_found(item, path))
        _all_unread(item, unit)
        return
    if item.python:
        unit.python.append(PythonModule(path.resolve(), item.path.span))
        return
    if path.resolve() in way:
        circle = " -> ".join(each.name for each in (*way[way.index(path.resolve()) :], path))
        found.append(
            error(
                "E0206",
                f"the imports go in a circle: {circle}",
                item.path.span,
                help=["move what both files need into a third one"],
            )
        )
        return
    try:
        source = Source.read(path)
    except (OSError, UnicodeDecodeError) as failure:
        reason = "is not UTF-8 text" if isinstance(failure, UnicodeDecodeError) else failure.strerror
        found.append(error("E0207", f"{path} cannot be read: {reason}", item.path.span))
        _all_unread(item, unit)
        return
    other = _read(source, Layer.IMPORT, (*way, path.resolve()), found)
    unit.sources += other.sources
    unit.python += other.python
    if item.alias:
        _alias(item.alias, other, unit, found)
        return
    unit.scope.lets |= other.scope.lets
    unit.scope.aliases |= other.scope.aliases
    unit.aliases |= other.aliases
    unit.unread |= other.unread
    unit.drafts |= {key: replace(draft, imported=True) for key, draft in other.drafts.items()}
    unit.sweeps |= other.sweeps


def _all_unread(item: tree.Import, unit: Unit) -> None:
    """A file that cannot be had might hold any of the blocks."""
    if not item.python and item.alias is None:
        _unread([(keyword, "") for keyword in NAMED + UNNAMED], unit)


def _alias(alias: tree.Name, other: Unit, unit: Unit, found: list[Diagnostic]) -> None:
    if alias.text in unit.aliases:
        found.append(written_twice(f"as {alias.text}", alias.span, None))
        return
    unit.aliases[alias.text] = other
    unit.scope.aliases[alias.text] = other.scope


def _not_found(item: tree.Import, path: Path) -> Diagnostic:
    ending = ".py" if item.python else ".meta"
    beside = [each.name for each in path.parent.glob(f"*{ending}")] if path.parent.is_dir() else []
    near = suggest(path.name, beside)
    fix = None
    if near and item.path.span:
        written = str(Path(item.path.value).with_name(near).as_posix())
        fix = Fix(f'import "{written}"', ((item.path.span, f'"{written}"'),))
    return error(
        "E0207",
        f'there is no file "{item.path.value}"',
        item.path.span,
        label=f"looked at {path}",
        help=[f'did you mean "{near}"?'] if near else [],
        fix=fix,
    )
