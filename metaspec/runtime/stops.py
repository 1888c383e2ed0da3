"""How the run in a folder ended before its last meta-iteration, as its events say."""

from __future__ import annotations

import json

from metaspec.plan.model import Plan
from metaspec.runtime.errors import disk
from metaspec.runtime.events import Stopped
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.identity import changed_data, differences

DIVERGED = "E0705"


def last_stop(place: RunFolder) -> Stopped | None:
    """The last event of a run's folder, where it is that the run stopped; None elsewhere."""
    if not place.events.exists():
        return None
    with disk(place.path):
        text = place.events.read_text(encoding="utf-8")
    lines = text[: text.rfind("\n") + 1].splitlines()
    last = json.loads(lines[-1]) if lines else {}
    return Stopped(last["iteration"], last["code"], last["message"]) if last.get("event") == "Stopped" else None


def same_plan(place: RunFolder, planned: Plan) -> bool:
    """Whether the run in a folder is of this plan, to the same bits."""
    with disk(place.path):
        before = Plan.model_validate_json(place.plan.read_text(encoding="utf-8"))
    return not differences(before, planned) and not changed_data(before, planned)
