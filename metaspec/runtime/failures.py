"""Diagnostics for engines that cannot give answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

from metaspec.data.diagnostic import diagnostic
from metaspec.data.errors import DataError
from metaspec.diagnostics import Diagnostic, error
from metaspec.plan.memory import amount
from metaspec.runtime.errors import RunError


def data_at_fault(problem: DataError) -> RunError:
    """The data changed since they were checked, or hold an item that only a later episode reads."""
    return RunError(diagnostic(problem))


def broken(reason: str, log: Path) -> RunError:
    return RunError(
        error("E0707", f"the program of this plan could not be built: {reason}", help=(f"the full output is in {log}",))
    )


def no_worker(reason: str, tries: int, log: Path) -> RunError:
    return RunError(
        error(
            "E0707",
            f"no worker came up in {tries} tries; the last one {reason}",
            help=(f"the workers' output is in {log}", "fewer workers need less memory"),
        )
    )


@dataclass(frozen=True, slots=True)
class Loss:
    """Why a worker is given up, as what "the worker ..." did."""

    reason: str
    memory: bool | None = False  # whether memory was used up; None where nobody can tell


def ended(code: int, peak: int, killed: bool, complained: bool) -> Loss:
    """What a worker's exit code means.

    peak: bytes that it held at the most; killed: whether the kernel has just killed a process for want of memory;
    complained: whether its log speaks of memory.
    """
    held = f"; it held up to {amount(peak)}" if peak else ""
    if code == -SIGKILL and killed:
        return Loss(f"was killed by the system, which had run out of memory{held}", True)
    if code == -SIGKILL:
        return Loss(f"was killed by signal 9 (by a user, or by the system for want of memory{held})", None)
    if code < 0 and complained:
        return Loss(f"ran out of memory and was ended by signal {-code}{held}", True)
    if code < 0:
        return Loss(f"was killed by signal {-code}")
    return Loss(f"ended by itself with exit code {code}")


def out_of_memory(reason: str) -> Loss:
    """Of a worker whose program raised for want of memory. `reason` is what it said."""
    return Loss(f"ran out of memory: {reason}", True)


def nothing_left(what: str, iteration: int) -> Diagnostic:
    """Every part of meta-iteration `iteration` (from 0) was left out; `what` is the word for a part."""
    return error(
        "E0703",
        f"every {what} of meta-iteration {iteration + 1} failed: nothing is left to update from",
        help=("the workers' output is in workers.log in the run folder",),
    )
