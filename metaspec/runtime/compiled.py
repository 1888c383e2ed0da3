"""Where XLA's code for the graphs of a plan is kept between processes and between runs.

Compiling takes seconds and half a gigabyte, loading what was compiled a second and a tenth of that. So before a
pool starts its workers, a process of a few seconds' life compiles every graph into a folder, and whoever comes
later only loads: all workers, one that replaces a lost one, and the next run of the plan.

The code is made for one processor by one TensorFlow, so the folder is named by both. TensorFlow finds an entry by
the graph itself: one of another spec, or of an older metaspec, is never taken for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from metaspec.plan.model import Plan
from metaspec.runtime.events import Sink, Warned
from metaspec.runtime.fingerprint import fingerprint

# Bytes that a folder may hold; the entries longest unused make room.
LIMIT = 1 << 30


def folder(cache: Path, plan: Plan) -> Path:
    """Where the code of this machine's processor and TensorFlow lies."""
    found = fingerprint(plan)
    made_by = [found.get("tensorflow"), found.get("tensorflow_cpu"), found["processor"], instructions()]
    return cache / "compiled" / hashlib.sha256(repr(made_by).encode()).hexdigest()[:16]


def instructions() -> str:
    """What the processor can do, which its model's name does not say in a virtual machine."""
    table = Path("/proc/cpuinfo")
    lines = table.read_text().splitlines() if table.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(("flags", "Features"))), "")


def prepare(place: Path) -> str | None:
    """Creates the folder and drops old entries; says why where it cannot be written."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK | os.X_OK):
            return f"{place} is not writable"
        entries = sorted(((each.stat(), each) for each in place.iterdir()), key=lambda pair: -pair[0].st_mtime)
        kept = 0
        for status, path in entries:
            kept += status.st_size
            if kept > LIMIT:
                path.unlink(missing_ok=True)
    except OSError as problem:
        return f"{place}: {problem.strerror or problem}"
    return None


def environment(place: Path, before: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment variables for a process that computes, to be set before it imports TensorFlow.

    before: the environment so far, whose own settings for XLA stay.
    """
    own = (os.environ if before is None else before).get("TF_XLA_FLAGS", "")
    if "persistent_cache_directory" in own:
        return {}
    return {"TF_XLA_FLAGS": f"{own} --tf_xla_persistent_cache_directory='{place}'".strip()}


def usable(cache: Path, plan: Plan, notify: Sink) -> Path | None:
    """The folder for the graphs of a plan, ready to be written; None, with a warning, where it cannot be.

    None too for graphs that XLA has no part in, and for those of a graphics card, which it compiles in other ways.
    """
    if not plan.execution.compiled or plan.spec.train.device != "cpu":
        return None
    place = folder(cache, plan)
    problem = prepare(place)
    if problem:
        notify(Warned("W0704", f"compiled graphs cannot be kept: {problem}"))
        return None
    return place


def filled(place: Path, plan: Plan) -> bool:
    """Whether every graph of the plan was compiled into the folder."""
    return _mark(place, plan).exists()


def mark_filled(place: Path, plan: Plan) -> None:
    _mark(place, plan).touch()


def _mark(place: Path, plan: Plan) -> Path:
    """Another version of the program makes other graphs, so the time of its sources is part of the name."""
    package = Path(__file__).parents[1]
    newest = max(path.stat().st_mtime_ns for path in package.rglob("*.py"))
    graphs = plan.model_dump_json(exclude={"name": True, "spec": {"schedule"}})  # the same however it is scheduled
    what = f"{newest} {graphs}"
    return place / f"{hashlib.sha256(what.encode()).hexdigest()[:24]}.filled"
