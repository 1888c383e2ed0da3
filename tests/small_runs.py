"""Runs of small plans with a program that needs no TensorFlow, for the tests of the runtime and of clusters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from metaspec.plan.model import Plan
from metaspec.runtime.driver import run
from metaspec.runtime.result import Result


def small_runs(place: Path, plan_of: Callable[..., Plan], programs: str) -> Callable[..., Result]:
    """go(workers, program=..., folder=..., resume=..., sinks=..., keep=..., **plan) -> Result, in `place / "run"` by default.

    `plan_of(workers, **plan)` makes the plan; `programs` is the module that workers import the program from.
    """
    (place / "cache").mkdir()

    def go(workers=2, *, program="Program", folder=None, resume=False, sinks=(), keep=None, **plan) -> Result:
        return run(
            plan_of(workers, **plan),
            folder or place / "run",
            resume=resume,
            sinks=sinks,
            factory=f"{programs}:{program}",
            preload=(programs,),
            cache=place / "cache",
            keep=keep,
        )

    return go
