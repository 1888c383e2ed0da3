"""Runs that a spec loads values from: where they lie, and what they hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from metaspec.spec.gradient import WeightsInner
from metaspec.spec.kind import Inner, Outer
from metaspec.spec.values import Learned, Load, Parts

PARAMETERS = "parameters.safetensors"
FIELDS = ("weights", "init")  # of an inner method: those that may be loaded


def folder_of(load: Load, beside: Path) -> Path:
    """The run's folder: a relative path is looked up beside the spec's file, else where the command was called."""
    path = Path(load.load)
    if path.is_absolute():
        return path
    near = beside / path
    return near if near.exists() else Path.cwd() / path


def loads_of(value: Any) -> tuple[Load, ...]:
    """Every `load(..)` in the value of a field."""
    if isinstance(value, Learned):
        value = value.start
    if isinstance(value, Parts):
        return tuple(each for part in value.parts.values() for each in loads_of(part))
    return (value,) if isinstance(value, Load) else ()


def relocated(value: Any, beside: Path) -> Any:
    """The value with absolute folders."""
    if isinstance(value, Load):
        return Load(load=str(folder_of(value, beside)))
    if isinstance(value, Learned):
        return value.model_copy(update={"start": relocated(value.start, beside)})
    if isinstance(value, Parts):
        return value.model_copy(update={"parts": {n: relocated(each, beside) for n, each in value.parts.items()}})
    return value


def with_folders(inner: Inner, beside: Path) -> Inner:
    """The inner method with absolute folders of runs; itself where it loads nothing."""
    if not isinstance(inner, WeightsInner):
        return inner
    found = {name: getattr(inner, name) for name in FIELDS if loads_of(getattr(inner, name, None))}
    return inner.model_copy(update={name: relocated(each, beside) for name, each in found.items()}) if found else inner


def with_run(outer: Outer, beside: Path) -> Outer:
    """The outer method with an absolute folder of the run whose optimizer it takes; itself where it takes none."""
    found = loads_of(getattr(outer, "weights", None))
    return outer.model_copy(update={"weights": relocated(found[0], beside)}) if found else outer


def inner_of(folder: Path) -> dict[str, Any]:
    """The inner method of a run, as its plan has it. Raises OSError and ValueError where there is no plan to read."""
    return json.loads((folder / "plan.json").read_text(encoding="utf-8"))["spec"]["inner"]


def prefix_of(folder: Path, field: str) -> str:
    """What the keys of the run's meta-parameter begin with, for a field of its inner method."""
    value = inner_of(folder).get(field)
    name = value.get("name") if isinstance(value, dict) else None
    return f"meta/{name or f'inner.{field}'}/"


def shapes_of(folder: Path, field: str) -> dict[str, tuple[int, ...]]:
    """The shapes of what a finished run has learned for a field, by name."""
    from safetensors import safe_open  # NumPy, which a spec that loads nothing does not need

    prefix = prefix_of(folder, field)
    with safe_open(folder / PARAMETERS, framework="numpy") as stored:
        found = [key for key in stored.keys() if key.startswith(prefix)]  # noqa: SIM118
        return {key.removeprefix(prefix): tuple(stored.get_slice(key).get_shape()) for key in found}
