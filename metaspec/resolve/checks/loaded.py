"""Whether the runs that a spec loads values from are there and fit. Looks at files, so only what runs asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.resolve.loaded import FIELDS, PARAMETERS, folder_of, inner_of, loads_of, shapes_of
from metaspec.resolve.resolved import Resolved
from metaspec.spec.optimizer import LearnedInner

# Fields of a learned optimizer that say how it is used and trained, and not what its weights mean.
_FREE = ("init", "loss", "weights", "steps", "adapt", "data_batches", "nominal", "decay", "preconditioned")


def load_problems(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """What keeps values from being loaded, at the place of the `load`."""
    inner = resolved.spec.inner if resolved.spec else None
    found: list[Diagnostic] = []
    for field in FIELDS:
        for load in loads_of(getattr(inner, field, None)):
            path = f"inner.{field}"
            folder = folder_of(load, resolved.folder(path))
            missing = list(_missing(resolved, path, folder, load.load))
            found += missing
            if not missing and field == "weights" and isinstance(inner, LearnedInner):
                found += _unfit(resolved, path, folder, load.load, inner)
    for load in loads_of(getattr(resolved.spec.outer, "weights", None)) if resolved.spec else ():
        found += _missing(resolved, "outer.weights", folder_of(load, resolved.folder("outer")), load.load)
    return tuple(found)


def _missing(resolved: Resolved, path: str, folder: Path, name: str) -> Iterator[Diagnostic]:
    field = path.rpartition(".")[2]
    if not (folder / "plan.json").exists():
        reason, help = f"there is no run in `{name}`", "a run's folder is looked up beside the file, then from here"
    elif not (folder / PARAMETERS).exists():
        reason, help = f"the run in `{name}` is not finished", "let it finish with --resume first"
    elif not shapes_of(folder, field):
        reason, help = f"the run in `{name}` learned no `{field}`", "load a run that did"
    else:
        return
    yield error("E0505", reason, resolved.place(path), help=[help])


def _unfit(resolved: Resolved, path: str, folder: Path, name: str, inner: LearnedInner) -> Iterator[Diagnostic]:
    """A run of another kind, of other sizes; with a warning, one whose weights mean something else."""
    there = inner_of(folder)
    if there["kind"] != inner.name:
        yield error(
            "E0505",
            f"the run in `{name}` has trained the weights of `{there['kind']}`, and these are those of `{inner.name}`",
            resolved.place(path),
            help=[f"take `inner = {there['kind']} {{..}}`, or another run"],
        )
        return
    differing = [
        f"`{field}` is {_shown(there[field])} there and {_shown(here)} here"
        for field, here in inner.model_dump(mode="json").items()
        if field not in (*_FREE, "kind") and field in there and there[field] != here
    ]
    wanted = {weight.name: weight.shape for weight in inner.tensors()}
    if shapes_of(folder, "weights") != wanted:
        yield error(
            "E0505",
            f"the optimizer in `{name}` has other weights than this one: {'; '.join(differing)}",
            resolved.place(path),
            help=["write the fields that the run had: its resolved.meta has them all"],
        )
    elif differing:
        yield warning(
            "W0109",
            f"the optimizer in `{name}` was trained with other fields: {'; '.join(differing)}",
            resolved.place(path),
            help=["write the fields that the run had: its resolved.meta has them all"],
        )


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
