"""What Python programs call: load, check, plan and run give objects, not text."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypedDict, Unpack

from metaspec.diagnostics import Diagnostic, SpecError, error, has_errors, warning
from metaspec.diagnostics.suggest import suggest
from metaspec.kinds import registry
from metaspec.kinds.documentation import category_of, keyword_of
from metaspec.kinds.phrases import SINGULAR
from metaspec.resolve import Resolved, resolve, written
from metaspec.resolve.checks.readiness import not_ready
from metaspec.resolve.located import located
from metaspec.resolve.pipeline import resolve_request
from metaspec.resolve.unknown import unknown_word
from metaspec.source import Source
from metaspec.spec.given import plain
from metaspec.spec.kind import Kind
from metaspec.spec.spec import Spec
from metaspec.syntax import tree
from metaspec.syntax.printer import print_value

if TYPE_CHECKING:
    from metaspec.plan.model import Plan
    from metaspec.runtime.events import Sink
    from metaspec.runtime.result import Result

Specified = Resolved | Spec | Path | str
"""A spec in any form: resolved, built from classes, or the path of a file."""


class Options(TypedDict, total=False):
    """What `resolve` takes besides a spec and its overrides."""

    point: int | None
    sweep: str | None
    allow_python: bool


def kind(category: str, name: str) -> type[Kind]:
    """The class of a kind: `kind("task", "sinusoid")`, by the keyword of its block, or `data`, `split` and the like.

    Raises SpecError where there is no kind of the name; a preset has no class, since it stands for several blocks.
    """
    known = category_of(category)
    if known is None:
        words = [keyword_of(each) for each in registry.CATEGORIES]
        raise SpecError([unknown_word("E0202", f"there are no kinds of `{category}`", category, words, None)])
    if known == "presets" or (
        known == "inner" and name in set(registry.names("presets")) - set(registry.names("inner"))
    ):
        help = [f"`metaspec explain {name}` prints the blocks", f"or write `inner = {name} {{}}` in a file"]
        raise SpecError([error("E0202", f"`{name}` is a preset, which stands for several blocks", help=help)])
    if name not in registry.names(known):
        message = f"there is no {SINGULAR[known]} `{name}`"
        raise SpecError([unknown_word("E0202", message, name, registry.names(known), None)])
    return registry.load(known, name)


def load(spec: Specified, overrides: Sequence[str] | Mapping[str, object] = (), **options: Unpack[Options]) -> Resolved:
    """A spec with its history; `.spec` is the IR, `metaspec.change(loaded, ...)` a variant.

    overrides: `["inner.lr=0.2"]` or `{"inner.lr": 0.2}`; a text in a mapping is text of the language, or of a field that
    takes only texts the text itself; numbers of NumPy, lists and paths are taken too. options: `point`, `sweep`,
    `allow_python`, as `resolve` takes them. Raises SpecError for a spec with errors, OSError for a file that cannot be
    read.
    """
    resolved = _resolved("load", spec, overrides, options)
    resolved.required()
    return resolved


def change(
    loaded: Resolved, overrides: Sequence[str] | Mapping[str, object] = (), **options: Unpack[Options]
) -> Resolved:
    """The loaded spec with further overrides. Raises SpecError where they do not suit it."""
    resolved = _resolved("change", loaded, overrides, options)
    resolved.required()
    return resolved


def check(
    spec: Specified, overrides: Sequence[str] | Mapping[str, object] = (), **options: Unpack[Options]
) -> tuple[Diagnostic, ...]:
    """Every message about a spec, also what this installation cannot run. Empty for a spec without mistakes."""
    return messages(_resolved("check", spec, overrides, options))


def messages(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """What `check` says of a spec that is resolved."""
    found = (*resolved.diagnostics, *not_ready(resolved))
    schedule = resolved.spec.schedule if resolved.spec else None
    if has_errors(found) or getattr(schedule, "workers", 1) <= _FEW:
        return found
    from metaspec.plan.staff import without_work

    idle = without_work(plan(resolved))
    return (*found, warning("W0115", idle, resolved.place("schedule.workers"))) if idle else found


_FEW = 2  # workers that are not worth a plan to find out whether both have work


def plan(
    spec: Specified,
    overrides: Sequence[str] | Mapping[str, object] = (),
    quick: bool = False,
    **options: Unpack[Options],
) -> Plan:
    """What a run would do. Raises SpecError for a spec with errors, or with a kind that cannot be run yet."""
    from metaspec.plan.make import make

    resolved = _resolved("plan", spec, overrides, options)
    found = (*resolved.diagnostics, *not_ready(resolved))
    if resolved.spec is None or has_errors(found):
        raise SpecError(found)
    return make(located(resolved), resolved.name, resolved.folder(""), quick)


def run(
    spec: Specified,
    overrides: Sequence[str] | Mapping[str, object] = (),
    out: Path | str | None = None,
    quick: bool = False,
    resume: bool = False,
    sinks: Sequence[Sink] = (),
    **options: Unpack[Options],
) -> Result:
    """Run a spec in a folder: `out`, else a new one of runs/NAME, runs/NAME-2, ...; `resume` goes on with the last.

    Raises SpecError for a spec that cannot be run, and RunError for a run that fails.
    """
    from metaspec.runtime.driver import run as drive
    from metaspec.runtime.folder import fresh, latest

    resolved = _resolved("run", spec, overrides, options)
    planned = plan(resolved, quick=quick)
    if out is not None:
        folder = Path(out)
    elif resume:
        folder = latest(_RUNS, resolved.name) or _RUNS / resolved.name
    else:
        folder = fresh(_RUNS, resolved.name)

    def keep(place: Path) -> None:
        keep_spec(place, resolved, quick)

    return drive(planned, folder, resume=resume, sinks=sinks, keep=keep).model_copy(update={"folder": folder})


_RUNS = Path("runs")


def keep_spec(folder: Path, resolved: Resolved, quick: bool = False) -> None:
    """Put the spec into a run's folder, as written and as resolved, with who set what and how to run it again."""
    from metaspec.runtime.errors import disk

    with disk(folder):
        history = "\n".join(
            f"{path} = {chain[-1].value}  # {chain[-1].where}" for path, chain in resolved.provenance.items() if chain
        )
        (folder / "resolved.meta").write_text(to_meta(resolved.required(), complete=True), encoding="utf-8")
        (folder / "provenance.txt").write_text(history + "\n", encoding="utf-8")
        (folder / "command.txt").write_text(_command(folder, resolved, quick) + "\n", encoding="utf-8")
        (folder / "spec.meta").write_text(resolved.request.source.text, encoding="utf-8")


def _command(folder: Path, resolved: Resolved, quick: bool) -> str:
    """The command that does the same run again, from any folder."""
    request = resolved.request
    file = (request.source.path or folder / "spec.meta").absolute()
    words = ["metaspec", "run", str(file)]
    for override in (*(f"{path}={text}" for path, text in request.drawn), *request.overrides):
        words += ["-s", override]
    listed = request.point is not None and not request.drawn
    words += ["--sweep", request.sweep] if request.sweep and listed else []
    words += ["--point", str(request.point)] if listed else []
    words += ["--allow-python"] if request.allow_python else []
    return shlex.join([*words, "--quick"] if quick else words)


def to_meta(spec: Specified, complete: bool = False) -> str:
    """A valid file that resolves to this spec. `complete`: with the fields that are at their defaults.

    Raises SpecError for a spec with errors, OSError for a file that cannot be read.
    """
    return written.to_meta(spec if isinstance(spec, Spec) else load(spec).required(), complete)


def _resolved(
    call: str, spec: Specified, overrides: Sequence[str] | Mapping[str, object], options: Options
) -> Resolved:
    _judge(call, options)
    texts = _texts(overrides)
    if isinstance(spec, Resolved):
        request = replace(spec.request, overrides=(*spec.request.overrides, *texts), **options)
        return spec if request == spec.request else resolve_request(request)
    source = Source("spec", to_meta(spec)) if isinstance(spec, Spec) else Source.read(Path(spec))
    return resolve(source, texts, **options)


_ARGUMENTS = {"plan": ("quick",), "run": ("out", "quick", "resume", "sinks")}


def _judge(call: str, options: Mapping[str, object]) -> None:
    """Raises TypeError for an argument that the call does not have, by the name that was probably meant."""
    known = [*Options.__annotations__, *_ARGUMENTS.get(call, ()), "overrides"]
    for name in options:
        if name in Options.__annotations__:
            continue
        near = suggest(name, known)
        way_out = f"did you mean `{near}`?" if near else f"there are {', '.join(known)}"
        if name == "workers":
            way_out = f'write {call}(spec, {{"schedule.workers": {options[name]!r}}})'
        raise TypeError(f"metaspec.{call}() has no argument `{name}`; {way_out}")


def _texts(overrides: Sequence[str] | Mapping[str, object]) -> tuple[str, ...]:
    if isinstance(overrides, str):
        return (overrides,)
    if not isinstance(overrides, Mapping):
        return tuple(overrides)
    return tuple(
        f"{path}={value if isinstance(value, str) else _spelled(path, value)}" for path, value in overrides.items()
    )


def _spelled(path: str, value: object) -> str:
    """A value that a program gives, as text of the language. Raises SpecError for what has no such text."""
    if isinstance(value, PurePath):
        return print_value(tree.String(str(value)))
    given = plain(value)
    try:
        return written.spelled(tuple(given) if isinstance(given, list) else given)
    except (TypeError, ValueError):
        shown = str(given) if isinstance(given, float) else f"a value of the class {type(value).__name__}"
        help = ["numbers, flags, texts, paths, lists of these and the classes of `metaspec` can be written"]
        raise SpecError([error("E0802", f"`{path}` cannot be {shown}", help=help)]) from None
