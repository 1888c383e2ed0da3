"""Diagnostics for engines that cannot give answers."""

from __future__ import annotations

from pathlib import Path

from metaspec.data.diagnostic import diagnostic
from metaspec.data.errors import DataError
from metaspec.diagnostics import Diagnostic, error
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


def ended(code: int) -> str:
    """A worker's exit code, as what "the worker ..." did."""
    if code == -9:
        return "was killed by signal 9 (by a user, or by the system for want of memory)"
    if code < 0:
        return f"was killed by signal {-code}"
    return f"ended by itself with exit code {code}"


def nothing_left(what: str, iteration: int) -> Diagnostic:
    """Every part of meta-iteration `iteration` (from 0) was left out; `what` is the word for a part."""
    return error(
        "E0703",
        f"every {what} of meta-iteration {iteration + 1} failed: nothing is left to update from",
        help=("the workers' output is in workers.log in the run folder",),
    )
