"""The first moment of a run: a fresh folder is written, or an old one is taken up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from metaspec.diagnostics import error
from metaspec.plan.model import Plan
from metaspec.runtime import checkpoints, files, fingerprint, identity, way_back
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.events import Sink, Warned
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.position import Position

_SHOWN = 5  # differences between two plans that a message names


@dataclass(frozen=True, slots=True)
class Start:
    position: Position | None  # None: from the first draw
    metrics_bytes: int


def begin(plan: Plan, place: RunFolder, resume: bool, notify: Sink) -> Start:
    """Writes plan and environment into a fresh folder, or finds the last whole checkpoint of an old one.

    Raises RunError: E0704 where the folder's run is of a plan with other bits, E0702 where all checkpoints
    are damaged.
    """
    environment = fingerprint.fingerprint(plan)
    if not resume:
        files.replace(place.environment, json.dumps(environment, indent=1).encode())
        files.replace(place.plan, plan.model_dump_json(indent=1).encode())
        return Start(None, 0)
    before = _plan(place.plan)
    _compare_plans(before, plan, place)
    if [task.location for task in before.tasks] != [task.location for task in plan.tasks]:  # a report looks there
        moved = before.model_copy(update={"tasks": plan.tasks})
        files.replace(place.plan, moved.model_dump_json(indent=1).encode())
    _compare_environments(place, environment, notify)
    loaded = checkpoints.load(place.checkpoints)
    if loaded is None:
        return Start(None, 0)
    checkpoint = loaded.checkpoint
    if checkpoint.identity != identity.digest(plan):
        raise _other_plan(place, plan, ("the checkpoint was written by a run of another plan",))
    iteration = checkpoint.position.iteration
    for problem in loaded.damaged:
        notify(
            Warned(
                "W0701",
                f"a damaged checkpoint was put aside, and the run goes on from meta-iteration {iteration}: {problem}",
            )
        )
    with disk(place.metrics):
        length = place.metrics.stat().st_size if place.metrics.exists() else 0
    if length < checkpoint.metrics_bytes:
        notify(
            Warned(
                "W0703",
                f"{place.metrics.name} is shorter than at meta-iteration {iteration}: "
                "lines of earlier meta-iterations are missing",
            )
        )
    return Start(checkpoint.position, checkpoint.metrics_bytes)


def _plan(path: Path) -> Plan:
    with disk(path):
        text = path.read_bytes()
    try:
        return Plan.model_validate_json(text)
    except ValidationError as problem:
        raise RunError(
            error(
                "E0704",
                f"{path} is not a plan that this version can read",
                help=("start the run again in another folder with --out",),
            )
        ) from problem


def _compare_plans(before: Plan, now: Plan, place: RunFolder) -> None:
    found, data = identity.differences(before, now), identity.changed_data(before, now)
    if found:
        raise _other_plan(place, now, (*found, *data))
    if data:
        raise RunError(
            error(
                "E0704",
                f"{place.path} cannot go on: {'; '.join(data)}",
                help=(
                    "put the files back as they were: what was added, removed or renamed since then changes the tasks",
                    "or start a run of its own with another --out",
                ),
            )
        )


def _other_plan(place: RunFolder, now: Plan, differences: tuple[str, ...]) -> RunError:
    more = (f"and {len(differences) - _SHOWN} more",) if len(differences) > _SHOWN else ()
    shown = "; ".join(differences[:_SHOWN] + more)
    further = way_back.longer(now, place) if "train.iterations was" in shown else ()
    ways = (way_back.as_it_was(place), *further, "or start a run of its own with another --out")
    return RunError(error("E0704", f"{place.path} holds a run of another plan: {shown}", help=ways))


def _compare_environments(place: RunFolder, now: dict, notify: Sink) -> None:
    if not place.environment.exists():
        return
    with disk(place.environment):
        before = json.loads(place.environment.read_bytes())
    found = fingerprint.differences(before, now)
    if found:
        what = "; ".join(found)
        notify(Warned("W0702", f"the run began in another environment, so its bits may differ: {what}"))
