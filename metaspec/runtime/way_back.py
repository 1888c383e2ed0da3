"""The commands that lead back to a run: to go on with it, and to train on from what it has learned."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from metaspec.plan.model import Plan
from metaspec.resolve.loaded import FIELDS
from metaspec.runtime.errors import Interrupted
from metaspec.runtime.folder import RunFolder
from metaspec.spec.values import Learned, Parts


def command(folder: RunFolder) -> str | None:
    """The command that the run was started with, options and all; None where it is not known."""
    return folder.command.read_text(encoding="utf-8").strip() if folder.command.exists() else None


def continuing(folder: RunFolder) -> str:
    """How to go on with the run in a folder, to the same bits."""
    own = f"--out {shlex.quote(str(folder.path))} --resume"
    started = command(folder)
    return f"`{started} {own}`" if started else f"the same call with `{own}`, in Python with `resume=True`,"


def further(plan: Plan, folder: RunFolder) -> str | None:
    """The command of a new run that begins with the weights that this one has learned; None where it learns none."""
    field = next((name for name in FIELDS if _learned(getattr(plan.spec.inner, name, None))), None)
    started = command(folder)
    if field is None or started is None:
        return None
    override = f'inner.{field}=load("{folder.path}")'
    return f"{started} -s {shlex.quote(override)}"


def _learned(value: Any) -> bool:
    parts = value.parts.values() if isinstance(value, Parts) else (value,)
    return any(isinstance(each, Learned) for each in parts)


def interrupted(problem: Interrupted, folder: RunFolder, iteration: int) -> Interrupted:
    """The message of a run that was stopped after so many meta-iterations."""
    if iteration > 0:
        message = f"{problem.diagnostic.message} after {iteration} meta-iterations"
        help = (f"{continuing(folder)} continues to the same result",)
    else:
        message = f"{problem.diagnostic.message} before the first meta-iteration was done: nothing was computed"
        help = (f"{continuing(folder)} starts it",)
    return Interrupted(replace(problem.diagnostic, message=message, help=help))


def as_it_was(folder: RunFolder) -> str:
    """What leads on where the folder's run is of another spec than the one at hand."""
    if command(folder) is None:
        return "resume with the spec as it was"
    return f"{continuing(folder)} goes on with the spec as it was"


def longer(plan: Plan, folder: RunFolder) -> Iterator[str]:
    """Why a run is not made longer, and what does nearly the same."""
    on = further(plan, folder)
    if on:
        yield (
            "a run is not made longer, since what it does can depend on its length; once it has finished, "
            f"`{on}` trains a new run on from its weights"
        )
