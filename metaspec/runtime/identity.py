"""What the bits of a run depend on, of everything that stands in its plan."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from metaspec.plan.model import Plan

# Of the plan, of its spec and of the spec's blocks: what may change when a run is resumed.
_OF_PLAN = ("name", "reasons", "estimate")
_OF_SPEC = ("schedule", "expect", "sweeps", "preset", "python")
_OF_TRAIN = ("checkpoint", "on_failure")
_OF_TASK = ("location",)  # files may move: the fingerprint of their classes may not change
_OF_EXECUTION = ("groups",)  # they only place shards
# Of the schedule: what may not change. These values mean "as without it".
_OF_SCHEDULE = {"exchange": {"kind": "gradients"}, "combine": "mean", "clip_norm": None}


def identity(plan: Plan) -> dict[str, Any]:
    """The leaves of the plan that change bits, by dotted path. The number of workers is not among them."""
    whole = plan.model_dump(mode="json")
    schedule = whole["spec"]["schedule"]
    parts = {key: value for key, value in whole.items() if key not in _OF_PLAN}
    parts["execution"] = _without(whole["execution"], _OF_EXECUTION)
    parts["tasks"] = [_without(task, _OF_TASK) for task in whole["tasks"]]
    parts["spec"] = _without(whole["spec"], _OF_SPEC) | {
        "train": _without(whole["spec"]["train"], _OF_TRAIN),
        "schedule": {key: schedule[key] for key, usual in _OF_SCHEDULE.items() if schedule.get(key, usual) != usual},
    }
    return dict(_leaves("", parts))


def digest(plan: Plan) -> str:
    return hashlib.sha256(json.dumps(identity(plan), sort_keys=True).encode()).hexdigest()


def differences(before: Plan, now: Plan) -> tuple[str, ...]:
    """What differs, one sentence for each path; of the spec's own fields first."""
    old, new = identity(before), identity(now)
    paths = [path for path in old | new if old.get(path) != new.get(path)]
    paths.sort(key=lambda path: not path.startswith("spec."))
    return tuple(
        f"{path.removeprefix('spec.')} was {_shown(old, path)} and is now {_shown(new, path)}" for path in paths
    )


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
