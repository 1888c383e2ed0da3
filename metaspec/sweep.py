"""All points of a sweep, one run each, in folders of one sweep; a sweep that was interrupted goes on where it was."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from metaspec.api import load, plan, run
from metaspec.diagnostics import SpecError, error
from metaspec.resolve import Resolved
from metaspec.resolve.pipeline import resolve_request
from metaspec.resolve.sweeps import point_assignments
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.events import PointBegun, PointStopped, Stopped
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.stops import DIVERGED, last_stop, same_plan
from metaspec.spec.blocks import Sweep
from metaspec.syntax.printer import print_value

if TYPE_CHECKING:
    from metaspec.runtime.events import Sink
    from metaspec.runtime.result import Result

_OF_THE_POINT = {DIVERGED, "E0703", "E0714"}  # failures of one run, which say nothing of the other points
_OTHER_PLAN = "E0704"


@dataclass(frozen=True, slots=True)
class Point:
    """One point: its number from 0, what it sets, as (path, text) pairs, and the spec with that."""

    number: int
    settings: tuple[tuple[str, str], ...]
    resolved: Resolved

    @property
    def text(self) -> str:
        """`inner = reptile { .. }, train.seed = 0`"""
        return written(self.settings)


@dataclass(frozen=True, slots=True)
class Ran:
    """A point that was run: its result, or where it has none, how its run ended."""

    point: Point
    folder: Path
    result: Result | None
    stop: Stopped | None = None

    @property
    def end(self) -> str:
        """How a run without a result ended: `diverged at 2175`, or `failed at 2175 (E0714)`."""
        if self.stop is None:
            return ""
        at = self.stop.iteration + 1  # the first one that was not done
        return f"diverged at {at}" if self.stop.code == DIVERGED else f"failed at {at} ({self.stop.code})"


def written(settings: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{path} = {text}" for path, text in settings)


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
        settings = settings_of(key, sweep, number)
        here = resolve_request(replace(resolved.request, sweep=key, point=number))
        yield Point(number, settings, load(here))


def settings_of(key: str, sweep: Sweep, number: int) -> tuple[tuple[str, str], ...]:
    """What a point of the sweep `key` sets, as (path, text) pairs, without what its `when` adds."""
    return tuple((each.path.text, print_value(each.value)) for each in point_assignments(key, sweep, number))


def usual_folder(resolved: Resolved, name: str | None = None) -> Path:
    return Path("runs") / f"{resolved.name}-{chosen(resolved, name)[0]}"


def sweep(
    resolved: Resolved,
    name: str | None = None,
    out: Path | None = None,
    quick: bool = False,
    sinks: Sequence[Sink] = (),
) -> Iterator[Ran]:
    """Runs point after point in `out`/point-K (default: runs/NAME-SWEEP); finished ones are only read again.

    All points are resolved before the first one runs, so that a mistake in the last costs nothing. A point that
    diverges, or whose shards fail at every attempt, has a `stop` in the place of a result, and the others run; one that
    diverged is not tried again while its plan is the same. Raises RunError for what stops every point: Interrupted, a
    disk, missing workers, a folder that holds a run of another plan.
    """
    folder = out or usual_folder(resolved, name)
    found = list(points(resolved, name))
    for point in found:
        yield run_point(point, len(found), folder / f"point-{point.number}", quick, sinks)


def run_point(point: Point, size: int, folder: Path, quick: bool, sinks: Sequence[Sink]) -> Ran:
    """One point of `size` in its folder, as in `sweep`."""
    place = RunFolder(folder)
    stop = None if place.finished or not place.begun else last_stop(place)
    again = stop is not None and stop.code == DIVERGED and same_plan(place, plan(point.resolved, quick=quick))
    done = "diverged before" if again else "has run before" if place.finished else ""
    for sink in sinks:
        sink(PointBegun(point.number, size, point.text, done))
    if again:
        return Ran(point, folder, None, stop)
    try:
        return Ran(point, folder, run(point.resolved, out=folder, quick=quick, resume=place.begun, sinks=sinks))
    except RunError as failure:
        problem = failure.diagnostic
        if problem.code not in _OF_THE_POINT:
            raise _named(failure, point, place) from failure
        ran = Ran(point, folder, None, last_stop(place) or Stopped(0, problem.code, problem.message))
    for sink in sinks:
        sink(PointStopped(point.number, ran.end, ran.stop.message if ran.stop else ""))
    return ran


def _named(failure: RunError, point: Point, place: RunFolder) -> RunError:
    """The same failure with the point that it is about, and what helps in a sweep."""
    problem = failure.diagnostic
    help = problem.help
    if isinstance(failure, Interrupted):
        help = ("the same sweep again goes on here; finished points are only read",)
    elif problem.code == _OTHER_PLAN:
        where = shlex.quote(str(place.path))
        help = (
            f"delete or move {where}, so that the point is run anew",
            "or give the sweep as it is now another folder with --out",
        )
    message = f"point {point.number} ({point.text}): {problem.message}"
    return type(failure)(replace(problem, message=message, help=help))
