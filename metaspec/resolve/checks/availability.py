"""Whether this installation can execute the kinds of a spec. Asked for by what runs, not by what only reads."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel

from metaspec.diagnostics import Diagnostic, error
from metaspec.kinds import registry
from metaspec.kinds.documentation import keyword_of
from metaspec.kinds.phrases import SINGULAR
from metaspec.resolve.resolved import Resolved
from metaspec.spec.kind import Kind


def unavailable(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """One message for each kind that cannot be executed: it is declared alone, or a package that it needs is not here."""
    if resolved.spec is None:
        return ()
    seen: dict[tuple[str, str], Diagnostic] = {}
    for path, kind in kinds_in(resolved.spec):
        key = (kind.category, kind.name)
        if key in seen:
            continue
        if not registry.available(*key):
            seen[key] = _message(resolved, path, kind)
        elif kind.extra and find_spec(kind.extra[0]) is None:
            seen[key] = _not_installed(resolved, path, kind, *kind.extra)
    return tuple(seen.values())


def _message(resolved: Resolved, path: str, kind: Kind) -> Diagnostic:
    others = [
        name for name in registry.names(kind.category) if name != kind.name and registry.available(kind.category, name)
    ]
    help = [f"available: {', '.join(others)}"] if others else [f"`metaspec list {keyword_of(kind.category)}` has more"]
    what = SINGULAR.get(kind.category, kind.category)
    if not type(kind).__module__.startswith("metaspec."):  # of the user's own
        module = kind.executed_by.format(name=kind.name)
        return error(
            "E0601",
            f"the {what} `{kind.name}` is computed by the module `{module}`, which cannot be found",
            resolved.place(path),
            help=[
                f"put {module.replace('.', '/')}.py beside the file that declares `{kind.name}`"
                if not module.startswith("metaspec.")
                else f'say in its class which module beside it computes it: `executed_by = "my_{kind.name}"`'
            ],
        )
    return error(
        "E0601",
        f"the {what} `{kind.name}` is not yet available",
        resolved.place(path),
        label="this version can read it, and not run it",
        help=help,
    )


def _not_installed(resolved: Resolved, path: str, kind: Kind, package: str, extra: str) -> Diagnostic:
    what = SINGULAR.get(kind.category, kind.category)
    return error(
        "E0602",
        f"the {what} `{kind.name}` needs the package {package}, which is not installed here",
        resolved.place(path),
        help=[f'`pip install "metaspec[{extra}]"` brings it'],
    )


def kinds_in(value: Any, path: str = "") -> Iterator[tuple[str, Kind]]:
    """Every kind in a spec with its path, outer ones first. Clusters and their grouping belong to the run too."""
    if isinstance(value, Kind):
        yield path, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            below = f"{path}.{name}" if path else name
            if not path and name in ("tasks", "models", "clusters"):
                below = ""  # named blocks: their paths begin with the name
            yield from kinds_in(getattr(value, name), below)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from kinds_in(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for entry in value:
            yield from kinds_in(entry, path)
