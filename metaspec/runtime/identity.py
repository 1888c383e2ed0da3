"""What the bits of a run depend on, of everything that stands in its plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from metaspec.plan.model import Plan, TaskPlan

# Of the plan, of its spec and of the spec's blocks: what may change when a run is resumed.
_OF_PLAN = ("name", "reasons", "estimate")
_OF_SPEC = ("schedule", "expect", "sweeps", "preset", "python")
_OF_TRAIN = ("checkpoint", "on_failure")
# Files may move: the fingerprint of their classes may not change. `path` and `text` are how a spec spells the location.
_OF_TASK = ("location",)
_OF_DATA = ("path",)
_OF_TEXT = ("text",)
_OF_EXECUTION = ("groups",)  # they only place shards
# Of the schedule: what may not change. These values mean "as without it".
_OF_SCHEDULE = {"exchange": {"kind": "gradients"}, "combine": "mean", "clip_norm": None}


def identity(plan: Plan) -> dict[str, Any]:
    """The leaves of the plan that change bits, by dotted path. The number of workers is not among them."""
    whole = plan.model_dump(mode="json")
    marked = {task.name for task in plan.tasks if task.fingerprint is not None}
    schedule = whole["spec"]["schedule"]
    parts = {key: value for key, value in whole.items() if key not in _OF_PLAN}
    parts["execution"] = _without(whole["execution"], _OF_EXECUTION)
    parts["tasks"] = [_without(task, _OF_TASK) for task in whole["tasks"]]
    parts["spec"] = _without(whole["spec"], _OF_SPEC) | {
        "tasks": {name: _unplaced(task, name in marked) for name, task in whole["spec"]["tasks"].items()},
        "train": _without(whole["spec"]["train"], _OF_TRAIN),
        "schedule": {key: schedule[key] for key, usual in _OF_SCHEDULE.items() if schedule.get(key, usual) != usual},
    }
    return dict(_leaves("", parts))


def digest(plan: Plan) -> str:
    return hashlib.sha256(json.dumps(identity(plan), sort_keys=True).encode()).hexdigest()


def differences(before: Plan, now: Plan) -> tuple[str, ...]:
    """What differs, one sentence for each path; of the spec's own fields first, and of what follows from data nothing."""
    old, new = identity(before), identity(now)
    changed = tuple(f"tasks.{place}." for place, _, _ in _changed(before, now))
    paths = [
        path
        for path in old | new
        # A fingerprint that differs follows from a field of the spec, or from the files: nobody can read it.
        if old.get(path) != new.get(path) and not path.startswith(changed) and not path.endswith(".fingerprint")
    ]
    paths.sort(key=lambda path: not path.startswith("spec."))
    return tuple(
        f"{path.removeprefix('spec.')} was {_shown(old, path)} and is now {_shown(new, path)}" for path in paths
    )


def changed_data(before: Plan, now: Plan) -> tuple[str, ...]:
    """What differs in the files of tasks whose settings are the same, one sentence for each task."""
    return tuple(_data_sentence(old, new) for _, old, new in _changed(before, now))


def _changed(before: Plan, now: Plan) -> list[tuple[int, TaskPlan, TaskPlan]]:
    """Tasks by place, then and now, whose files are others though their settings are equal."""
    settings = [identity(plan) for plan in (before, now)]
    found = []
    for place, (old, new) in enumerate(zip(before.tasks, now.tasks, strict=False)):
        own = [
            {path: leaf for path, leaf in leaves.items() if path.startswith(f"spec.tasks.{old.name}.")}
            for leaves in settings
        ]
        if None not in (old.fingerprint, new.fingerprint) and old.fingerprint != new.fingerprint and own[0] == own[1]:
            found.append((place, old, new))
    return found


def _data_sentence(old: TaskPlan, new: TaskPlan) -> str:
    what = "pictures" if len(old.inputs) == 3 else "items"
    there = f" in {new.location}" if new.location else ""
    moved = f", which lay in {old.location} then" if old.location != new.location and old.location else ""
    counts = ""
    if old.classes != new.classes:
        listed = [", ".join(f"{count} {part}" for part, count in each.classes.items()) for each in (old, new)]
        counts = f" (classes then: {listed[0]}; now: {listed[1]})"
    return f"the {what} of task `{old.name}`{there} are others than when the run began{moved}{counts}"


def _unplaced(settings: Mapping[str, Any], marked: bool) -> dict[str, Any]:
    """A task's settings without where its files lie, if a fingerprint says what they are."""
    if not marked:
        return dict(settings)
    kept = _without(settings, _OF_TEXT)
    data = settings.get("data")
    return kept | ({"data": _without(data, _OF_DATA)} if isinstance(data, dict) else {})


def _shown(leaves: Mapping[str, Any], path: str) -> str:
    return json.dumps(leaves[path]) if path in leaves else "absent"


def _without(entries: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if key not in keys}


def _leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    parts: Iterable[tuple[str, Any]]
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = ((str(place), part) for place, part in enumerate(value))
    else:
        return [(path, value)]
    return [leaf for key, part in parts for leaf in _leaves(f"{path}.{key}" if path else key, part)]
