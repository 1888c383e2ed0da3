"""What training needs at hand, and what comes of it: shared by all ways to make outer updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metaspec.diagnostics import Diagnostic
from metaspec.plan.model import Plan
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.engine import Engine, Failure, failed
from metaspec.runtime.events import ShardSkipped, Sink
from metaspec.runtime.placement import Placement
from metaspec.runtime.protocol import Broadcast

Row = dict[str, float]  # metrics of one meta-iteration: means over its tasks


@dataclass(frozen=True, slots=True)
class Session:
    """What training needs at hand: who computes, and who is told."""

    plan: Plan
    engine: Engine
    notify: Sink
    broadcast: Callable[[Arrays], Broadcast]  # gives meta-parameters a version of their own
    placement: Placement | None = None  # of clusters

    def leave_out(self, failure: Failure, iteration: int, tasks: int) -> None:
        """Records tasks of meta-iteration `iteration` (from 0) that are left out, or raises where none may be."""
        if self.plan.spec.train.on_failure == "stop":
            raise failed(failure)
        self.notify(ShardSkipped(failure.request.name, iteration + 1, tasks, failure.attempts, failure.reason))


@dataclass(frozen=True, slots=True)
class Advance:
    """Updates that were made: the state after the last of them, one row for each, tasks that were skipped.

    `problem` says why the next update could not be made; the state and the rows are those before it.
    """

    state: Arrays
    rows: tuple[Row, ...]
    skipped: int = 0
    problem: Diagnostic | None = None


def as_arrays(row: Row) -> Arrays:
    """A row, to be checked as arrays are."""
    return {name: np.asarray(value) for name, value in row.items()}
