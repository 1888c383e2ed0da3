"""All points of a sweep, one run each, in folders of one sweep; a sweep that was interrupted goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from metaspec.api import load, run
from metaspec.diagnostics import SpecError, error
from metaspec.resolve import Resolved
from metaspec.resolve.pipeline import resolve_request
from metaspec.resolve.sweeps import point_assignments
from metaspec.spec.blocks import Sweep
from metaspec.syntax.printer import print_value

if TYPE_CHECKING:
    from metaspec.runtime.events import Sink
    from metaspec.runtime.result import Result


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its number from 0, what it sets, as (path, text) pairs, and the spec with that."""

    number: int
    settings: tuple[tuple[str, str], ...]
    resolved: Resolved


def chosen(resolved: Resolved, name: str | None = None) -> tuple[str, Sweep]:
    """The sweep of that name, or the only one. Raises SpecError where there is none, or more than one."""
    sweeps = resolved.required().sweeps
    if name is None and len(sweeps) == 1:
        return next(iter(sweeps.items()))
    if name in sweeps:
        return name, sweeps[name]
    what = f"there is no sweep `{name}`" if name else "there is no sweep" if not sweeps else "there are several sweeps"
    ways = (f"name one of: {', '.join(sweeps)}",) if sweeps else ("add a block `sweep NAME { grid { ... } }`",)
    raise SpecError((error("E0803", f"{what} in this spec", help=ways),))


def points(resolved: Resolved, name: str | None = None) -> Iterator[Point]:
    """Every point in order; the last axis changes fastest. Raises SpecError for a point that is no valid spec."""
    key, sweep = chosen(resolved, name)
    if sweep.search is not None:
        raise SpecError((error("E0804", f"the points of the search `{key}` are drawn as it runs"),))
    for number in range(sweep.size):
        settings = tuple((each.path.text, print_value(each.value)) for each in point_assignments(key, sweep, number))
        here = resolve_request(replace(resolved.request, sweep=key, point=number))
        yield Point(number, settings, load(here))


def usual_folder(resolved: Resolved, name: str | None = None) -> Path:
    return Path("runs") / f"{resolved.name}-{chosen(resolved, name)[0]}"


def sweep(
    resolved: Resolved,
    name: str | None = None,
    out: Path | None = None,
    quick: bool = False,
    sinks: Sequence[Sink] = (),
) -> Iterator[tuple[Point, Result]]:
    """Runs point after point in `out`/point-K (default: runs/NAME-SWEEP); finished ones are only read again.

    All points are resolved before the first one runs, so that a mistake in the last costs nothing.
    """
    folder = out or usual_folder(resolved, name)
    for point in list(points(resolved, name)):
        place = folder / f"point-{point.number}"
        begun = (place / "plan.json").exists()
        yield point, run(point.resolved, out=place, quick=quick, resume=begun, sinks=sinks)
