"""A run folder as data. What a report needs is read once, here; nothing is computed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metaspec.diagnostics import error
from metaspec.plan.model import Plan
from metaspec.resolve.python import register_module
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.result import Result, load, load_parameters

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One run, finished or not.

    updates: a line of metrics for each meta-iteration. evaluations: those with a split, as metrics.jsonl has them.
    parameters: the kept meta-parameters by the keys of `plan.meta` behind `meta/`; empty while the run goes on.
    examples: tasks to look at, where they were computed (`metaspec.runtime.examples`).
    """

    folder: RunFolder
    plan: Plan
    result: Result | None
    spec: str
    command: str | None
    environment: Line
    updates: tuple[Line, ...]
    evaluations: tuple[Line, ...]
    events: tuple[Line, ...]
    parameters: Arrays
    examples: Arrays


def read(path: Path, allow_python: bool = False) -> Run:
    """Raises RunError for a folder that holds no run, or one that cannot be read.

    allow_python: whether Python modules that the run's spec imports may be imported, to know their kinds.
    """
    folder = RunFolder(path)
    if not folder.begun:
        raise RunError(error("E0709", f"there is no run in {path}", help=("name a folder such as runs/quickstart",)))
    with disk(path):
        lines = tuple(_lines(folder.metrics))
        return Run(
            folder=folder,
            plan=_plan(folder, allow_python),
            result=load(folder.result) if folder.finished else None,
            spec=_text(path / "spec.meta") or "",
            command=_text(path / "command.txt"),
            environment=json.loads(_text(folder.environment) or "{}"),
            updates=tuple(line for line in lines if "split" not in line),
            evaluations=tuple(line for line in lines if "split" in line),
            events=tuple(_lines(folder.events)),
            parameters=_arrays(folder.parameters),
            examples=_arrays(path / "examples.safetensors"),
        )


def _plan(folder: RunFolder, allow_python: bool) -> Plan:
    text = folder.plan.read_text(encoding="utf-8")
    for module in json.loads(text)["spec"]["python"]:
        if not allow_python:
            raise RunError(
                error(
                    "E0603",
                    f"the run uses kinds of {module}, which is not allowed to run",
                    help=("read it first, then add `--allow-python`",),
                )
            )
        register_module(Path(module))
    return Plan.model_validate_json(text)


def _arrays(path: Path) -> Arrays:
    return load_parameters(path) if path.exists() else {}


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _lines(path: Path) -> Iterator[Line]:
    """The whole lines of a file of JSON lines; one that is still being written is left out."""
    text = _text(path) or ""
    return (json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines())
