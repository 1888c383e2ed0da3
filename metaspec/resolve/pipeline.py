"""The stages from a file to the IR, in order: read, expand presets, assign, decode, check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from metaspec.diagnostics import Diagnostic, error, has_errors
from metaspec.diagnostics.suggest import suggest
from metaspec.resolve.blocks import decode, decode_draft
from metaspec.resolve.checks import run_checks
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.draft import Draft
from metaspec.resolve.files import UNKNOWN_VERSION, read_unit, unused_lets
from metaspec.resolve.overrides import BROUGHT, assign, override_setter, parse_override
from metaspec.resolve.presets import expand
from metaspec.resolve.python import import_modules
from metaspec.resolve.reading import Reading
from metaspec.resolve.resolved import Request, Resolved
from metaspec.resolve.searches import with_whole_numbers
from metaspec.resolve.sweeps import drawn_assignments, each_alone, point_assignments, read_sweep, when_assignments
from metaspec.resolve.unit import Unit, by_keyword
from metaspec.source import Source, Span
from metaspec.spec.blocks import Sweep
from metaspec.spec.spec import Spec


def resolve(
    spec: Path | str | Source,
    overrides: Sequence[str] = (),
    point: int | None = None,
    sweep: str | None = None,
    allow_python: bool = False,
) -> Resolved:
    """Resolve a file, or a text already read, to the IR. Never raises for a mistake in a spec.

    overrides: `path=value`, as after `-s`. point: a point of the sweep (the only one, or the one named), from 0.
    allow_python: whether `import python` may run. Raises OSError or UnicodeDecodeError for a file that cannot
    be read.
    """
    source = spec if isinstance(spec, Source) else Source.read(Path(spec))
    return resolve_request(Request(source, tuple(overrides), point, sweep, allow_python))


def resolve_request(request: Request) -> Resolved:
    """See `resolve`."""
    source, overrides = request.source, request.overrides
    found: list[Diagnostic] = []
    unit = read_unit(source, found)
    python = import_modules(unit.python, request.allow_python, found)
    written = {key: read_sweep(key, block, scope, found) for key, (block, scope) in unit.sweeps.items()}
    sweeps = {key: each for key, each in written.items() if each is not None}
    parsed = (parse_override(text, override_setter(text), found) for text in overrides)
    given = [assignment for assignment in parsed if assignment]
    of_file = expand(dict(unit.drafts), found)
    drafts = _assign_point(of_file, unit, sweeps, request, found)
    drafts = assign(drafts, given, unit.scope, found)
    set_again = [of_file[key].body.span for key, draft in drafts.items() if key in of_file and draft.written]
    found = [each for each in found if each.code != BROUGHT or each.span not in set_again]
    sweeps = {key: with_whole_numbers(each, drafts) for key, each in sweeps.items()}
    for key, each in sweeps.items():
        _try_points(key, each, drafts, unit, found)
        if request.point is None:
            found += _brought(key, each, of_file, unit, {assignment.path.text for assignment in given})
    found += unused_lets(unit)
    reading = Reading(found, {}, unit.names())
    facts = decode(unit, drafts, sweeps, python, reading)
    run_checks(facts, found)
    spans = MappingProxyType(dict(facts.blocks))
    history = MappingProxyType(dict(reading.provenance))
    return Resolved(request, _spec(facts, found), history, spans, _in_order(found, unit.sources), tuple(unit.sources))


def _in_order(found: list[Diagnostic], sources: Sequence[Source]) -> tuple[Diagnostic, ...]:
    """Each message once, in the order of the text; those about overrides after those about files.

    Only what stands in a file has an edit that `check --fix` can make.
    """
    # Nothing else can be said of a file in a version of the language that is not known.
    found = [each for each in found if each.code == UNKNOWN_VERSION] or found
    # A unit that the field does not take is not mended by gluing it to its number.
    units = {each.span for each in found if each.code == "E0303"}
    found = [each for each in found if each.code != "E0113" or each.span not in units]
    ranks = {source.name: rank for rank, source in enumerate(sources)}
    seen: dict[tuple[object, ...], Diagnostic] = {}
    for each in found:
        span = (each.span.source.name, each.span.start, each.span.end) if each.span else None
        kept = each if each.span is None or each.span.source.name in ranks else _without_fix(each)
        seen.setdefault((each.code, each.message, span), kept)
    return tuple(
        sorted(
            seen.values(),
            key=lambda each: (
                ranks.get(each.span.source.name, len(ranks)) if each.span else len(ranks) + 1,
                each.span.start if each.span else 0,
            ),
        )
    )


def _without_fix(each: Diagnostic) -> Diagnostic:
    """What the edit would do is said, where nothing else is."""
    return replace(each, fix=None, help=each.help or (each.fix.title,)) if each.fix else each


# --- Sweep points --------------------------------------------------------------------------------


def _assign_point(
    drafts: dict[str, Draft], unit: Unit, sweeps: dict[str, Sweep], request: Request, found: list[Diagnostic]
) -> dict[str, Draft]:
    """The drafts at the point of a sweep that was asked for, if one was."""
    name, point = request.sweep, request.point
    if point is None:
        return drafts
    if name is None and len(sweeps) == 1:
        name = next(iter(sweeps))
    if name is None or name not in sweeps:
        legal = f"there are {', '.join(sweeps)}" if sweeps else "the spec has no sweep"
        message = f"there is no sweep `{name}`" if name else "which sweep is meant?"
        near = suggest(name, sweeps) if name else None
        found.append(error("E0804", f"{message}; {legal}", help=[f"did you mean `{near}`?"] if near else []))
        return drafts
    chosen = sweeps[name]
    if not 0 <= point < chosen.size:
        found.append(error("E0804", f"the sweep `{name}` has the points 0 to {chosen.size - 1}, and no point {point}"))
        return drafts
    if chosen.search is not None:
        if not request.drawn:
            message = f"point {point} of the search `{name}` is drawn when those before it have run"
            help = ["`metaspec sweep FILE` runs it; the folder of a trial has the command that runs it alone"]
            found.append(error("E0804", message, help=help))
        return assign(drafts, drawn_assignments(name, point, request.drawn), unit.scope, found)
    drafts = assign(drafts, point_assignments(name, chosen, point), unit.scope, found)
    for when in chosen.when:
        block = drafts.get(when.block)
        if block and block.kind == when.kind:
            drafts = assign(drafts, when_assignments(name, point, when), unit.scope, found)
    return drafts


def _try_points(key: str, sweep: Sweep, drafts: dict[str, Draft], unit: Unit, found: list[Diagnostic]) -> None:
    """Whether each value of each axis suits its field; combinations are not built."""
    for row in each_alone(key, sweep, *unit.sweeps[key]):
        mistakes: list[Diagnostic] = []
        tried = assign(dict(drafts), row, unit.scope, mistakes)
        reading = Reading(mistakes, {}, unit.names())
        for path in {each.path.parts[0] for each in row}:
            blocks = [tried[path]] if path in tried else by_keyword(tried, path)
            for block in blocks if not has_errors(mistakes) else []:
                decode_draft(block, reading)
        own = [span for each in row for span in (each.span, each.value.span) if span]
        found += [each for each in mistakes if each.is_error and each.span and _within(each.span, own)]


def _brought(key: str, sweep: Sweep, drafts: dict[str, Draft], unit: Unit, given: set[str]) -> Iterator[Diagnostic]:
    """What presets of a sweep's points replace in the file, where neither a later axis nor an override sets it again."""
    paths = [path for axis in sweep.axes for path in axis.paths]
    later = given | set(paths[paths.index("inner") + 1 :] if "inner" in paths else ())
    kept = [draft.body.span for name, draft in drafts.items() if name in later]
    for row in each_alone(key, sweep, *unit.sweeps[key]):
        notes: list[Diagnostic] = []
        assign(dict(drafts), (each for each in row if each.path.text == "inner"), unit.scope, notes)
        yield from (each for each in notes if each.code == BROUGHT and each.span not in kept)


def _within(span: Span, others: Sequence[Span]) -> bool:
    return any(span.source is each.source and each.start <= span.start and span.end <= each.end for each in others)


def _spec(facts: Facts, found: list[Diagnostic]) -> Spec | None:
    """The IR, where every block of it is right by itself."""
    needed = ("inner", "metagrad", "outer", "schedule", "train", "evaluate")
    if facts.broken or not facts.named["task"] or any(keyword not in facts.single for keyword in needed):
        return None
    if any(each.code.startswith("E01") for each in found):
        return None
    return Spec(
        language=facts.language,
        tasks=facts.named["task"],
        clusters=facts.named["cluster"],
        models=facts.named["model"],
        sweeps=dict(facts.sweeps),
        preset=facts.preset,
        python=facts.python,
        expect=facts.single.get("expect"),
        **{keyword: facts.single[keyword] for keyword in needed},
    )
