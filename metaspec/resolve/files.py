"""A file and everything that it imports: the blocks and names that it ends up with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from metaspec.diagnostics import Diagnostic, Fix, error, warning
from metaspec.diagnostics.suggest import suggest
from metaspec.kinds import registry
from metaspec.resolve.bind import Scope, define, evaluate, slots_of, text_of, written_twice
from metaspec.resolve.draft import Draft, Part, overlay
from metaspec.resolve.origin import Layer, Origin, Setter
from metaspec.source import Source, Span
from metaspec.syntax import tree
from metaspec.syntax.parser import parse

LANGUAGE = 1
UNKNOWN_VERSION = "E0209"
NAMED = ("task", "cluster", "model", "sweep")  # a spec may hold several of these, told apart by name
UNNAMED = ("inner", "metagrad", "outer", "train", "schedule", "evaluate", "expect")
WITHOUT_KIND = ("train", "evaluate", "expect", "sweep")


@dataclass(frozen=True, slots=True)
class PythonModule:
    """A module of the user's own, as an import names it."""

    path: Path
    span: Span | None


@dataclass(slots=True)
class Unit:
    """What one file says, its imports included: blocks by key, in the order in which they were declared."""

    source: Source
    language: int = LANGUAGE
    scope: Scope = field(default_factory=Scope)
    drafts: dict[str, Draft] = field(default_factory=dict)
    sweeps: dict[str, tuple[tree.Block, Scope]] = field(default_factory=dict)
    aliases: dict[str, Unit] = field(default_factory=dict)
    python: list[PythonModule] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def find(self, name: str) -> Draft | None:
        """The block that a name stands for: declared earlier, imported, or `ALIAS.NAME`."""
        first, _, rest = name.partition(".")
        if rest:
            return self.aliases[first].find(rest) if first in self.aliases else None
        return self.drafts.get(name)

    def names(self) -> list[str]:
        """Every name of a block that can be copied here."""
        return [*self.drafts, *(f"{alias}.{key}" for alias, unit in self.aliases.items() for key in unit.drafts)]


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
            _block(item, unit, setter, found)
    return unit


def unused_lets(unit: Unit) -> list[Diagnostic]:
    """A warning for each `let` of the main file that no value uses."""
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
    unit.drafts |= {key: replace(draft, imported=True) for key, draft in other.drafts.items()}
    unit.sweeps |= other.sweeps


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


# --- Blocks --------------------------------------------------------------------------------------


def _block(block: tree.Block, unit: Unit, setter: Setter, found: list[Diagnostic]) -> None:
    keyword = block.keyword.text
    if keyword not in NAMED + UNNAMED:
        return  # reported by the parser
    key = block.name.text if block.name and keyword in NAMED else keyword
    if keyword == "sweep":
        _sweep(block, key, unit, found)
        return
    earlier = unit.drafts.get(key)
    if key in UNNAMED and keyword in NAMED:
        found.append(
            error(
                "E0205",
                f"`{key}` is a word of the language and cannot name a {keyword}",
                block.name.span if block.name else None,
                help=["choose another name"],
            )
        )
        return
    if earlier and not earlier.imported:
        found.append(_twice(block, earlier))
        return
    draft = _draft(block, key, unit, setter, found)
    if draft is None:
        return
    if earlier and earlier.keyword == keyword and not _is_copy(block, unit):
        draft = overlay(earlier, draft)
    unit.drafts[key] = draft


def _twice(block: tree.Block, earlier: Draft) -> Diagnostic:
    span = block.name.span if block.name else block.keyword.span
    what = f"`{block.keyword.text}`" if not block.name else f"the name `{block.name.text}`"
    related = [(earlier.span, "first written here")]
    help = (
        [f"give each {block.keyword.text} a name of its own"]
        if block.keyword.text in NAMED
        else ["keep one of the two blocks"]
    )
    return error("E0205", f"{what} is written twice", span, label="again here", related=related, help=help)


def _sweep(block: tree.Block, key: str, unit: Unit, found: list[Diagnostic]) -> None:
    earlier = unit.sweeps.get(key)
    if earlier and earlier[1] is unit.scope:
        found.append(written_twice(f"sweep {key}", block.keyword.span, earlier[0].keyword.span))
        return
    unit.sweeps[key] = (block, unit.scope)


def _is_copy(block: tree.Block, unit: Unit) -> bool:
    return block.kind is not None and unit.find(block.kind.text) is not None


def _draft(block: tree.Block, key: str, unit: Unit, setter: Setter, found: list[Diagnostic]) -> Draft | None:
    keyword = block.keyword.text
    slots = slots_of((each for each in block.entries if isinstance(each, tree.Field)), unit.scope, setter, found)
    comparisons = tuple(
        replace(each, value=evaluate(each.value, unit.scope, found) or tree.Name(""))
        for each in block.entries
        if isinstance(each, tree.Comparison)
    )
    origin = (Origin(setter, _heading(block), block.kind.span if block.kind else block.span),)
    body = Part(block.kind, slots, origin, block.span)
    draft = Draft(keyword, key, body, block.name, comparisons, span=block.span)
    if block.kind is None:
        return draft
    copied = unit.find(block.kind.text)
    if copied is None:
        return draft if _kind_is_known(block, unit, found) else None
    if copied.keyword != keyword:
        related = [(copied.span, "declared here")]
        found.append(
            error(
                "E0210",
                f"`{block.kind.text}` is a {copied.keyword}, and a {keyword} is declared here",
                block.kind.span,
                related=related,
            )
        )
        return None
    copy = overlay(copied, replace(draft, body=replace(body, kind=None)))
    return replace(copy, key=key, name=block.name, imported=False, written=True)


def _heading(block: tree.Block) -> str:
    return text_of(block.kind) if block.kind else block.keyword.text


def _kind_is_known(block: tree.Block, unit: Unit, found: list[Diagnostic]) -> bool:
    """A kind that is no kind at all; whether it is one of the right category is decided with its fields."""
    kind, keyword = block.kind, block.keyword.text
    if kind is None:
        return True
    if keyword in WITHOUT_KIND:
        help = [f"write `{keyword} {{ ... }}`"]
        found.append(
            error(
                "E0202",
                f"`{keyword}` has no kinds and is not declared earlier under the name `{kind.text}`",
                kind.span,
                help=help,
            )
        )
        return False
    if len(kind.parts) == 1:
        return True
    near = suggest(kind.text, unit.names())
    known = kind.parts[0] in unit.aliases
    message = (
        f"`{kind.parts[0]}` has no block `{'.'.join(kind.parts[1:])}`"
        if known
        else (f"there is no import called `{kind.parts[0]}`")
    )
    fix = Fix(f"write `{near}`", ((kind.span, near),)) if near and kind.span else None
    found.append(error("E0204", message, kind.span, help=[f"did you mean `{near}`?"] if near else [], fix=fix))
    return False


def kinds_for(keyword: str) -> tuple[str, ...]:
    """The names that are legal after `KEYWORD =`, presets included."""
    category = registry.KEYWORDS.get(keyword)
    if category is None:
        return ()
    return registry.names(category) + (registry.names("presets") if category == "inner" else ())


def by_keyword(drafts: Mapping[str, Draft], keyword: str) -> list[Draft]:
    """The blocks of one keyword, in order."""
    return [draft for draft in drafts.values() if draft.keyword == keyword]
