"""Outer updates: one from shards, or a whole stretch in one call. Both are functions of the state alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metaspec.diagnostics import Diagnostic, error
from metaspec.plan.model import Plan, Shard
from metaspec.runtime.arrays import Arrays, add, carried_of, meta_of, not_finite, scale, with_carried
from metaspec.runtime.divergence import diverged, tasks
from metaspec.runtime.engine import Engine, Failure, call, failed
from metaspec.runtime.events import ShardSkipped, Sink
from metaspec.runtime.protocol import Broadcast, Request

Row = dict[str, float]  # metrics of one meta-iteration: means over its tasks


@dataclass(frozen=True, slots=True)
class Session:
    """What training needs at hand: who computes, and who is told."""

    plan: Plan
    engine: Engine
    notify: Sink
    broadcast: Callable[[Arrays], Broadcast]  # gives meta-parameters a version of their own


@dataclass(frozen=True, slots=True)
class Advance:
    """Updates that were made: the state after the last of them, one row for each, tasks that were skipped.

    `problem` says why the next update could not be made; the state and the rows are those before it.
    """

    state: Arrays
    rows: tuple[Row, ...]
    skipped: int = 0
    problem: Diagnostic | None = None


def advance(session: Session, state: Arrays, iteration: int, end: int) -> Advance:
    """Updates from number `iteration` (counted from 0) on.

    In mode `stretches` all of those before `end`, in mode `shards` one.
    """
    if session.plan.execution.mode == "stretches":
        return _stretch(session, state, iteration, end - iteration)
    return _from_shards(session, state, iteration)


def _from_shards(session: Session, state: Arrays, iteration: int) -> Advance:
    plan = session.plan
    shards = plan.execution.shards
    meta = session.broadcast(meta_of(state))
    requests = [
        Request("gradient", (iteration, shard, carried_of(state, shard.index)), _name(shard, iteration), meta)
        for shard in shards
    ]
    total: Arrays = {}
    sums: Row = {}
    skipped = 0
    carried: dict[int, Arrays] = {}  # a shard that is skipped loses its trajectories, and begins anew
    for shard, answer in zip(shards, session.engine.map(requests), strict=True):
        if isinstance(answer, Failure):
            _skip(session, answer, shard, iteration)
            skipped += shard.count
            continue
        gradient, metrics, carried[shard.index] = answer
        bad = not_finite(gradient) or not_finite(_as_arrays(metrics))
        if bad:
            return Advance(state, (), problem=diverged(session.engine, meta, iteration, [shard], bad))
        total = add(total, gradient)
        sums = {name: sums.get(name, 0.0) + value for name, value in metrics.items()}
    counted = plan.tasks_per_iteration - skipped
    if counted <= 0:
        return Advance(state, (), problem=_nothing_left(iteration))
    if skipped and plan.spec.train.reduce == "mean":
        total = scale(total, plan.tasks_per_iteration / counted)  # the update divides by all tasks
    updated, extra = call(session.engine, _update(with_carried(state, {}), total, iteration))
    bad = not_finite(updated)
    if bad:
        return Advance(state, (), problem=diverged(session.engine, meta, iteration, (), bad))
    row = {name: value / counted for name, value in sums.items()} | extra
    return Advance(with_carried(updated, carried), (row,), skipped)


def _stretch(session: Session, state: Arrays, iteration: int, count: int) -> Advance:
    after, rows = _whole(session, state, iteration, count)
    good = next((place for place, row in enumerate(rows) if not_finite(_as_arrays(row))), None)
    if good is None and not not_finite(after):
        return Advance(after, rows)
    # The rows show where it began, or the last update did it. Go again up to there: the same bits come out.
    good = count - 1 if good is None else good
    bad = not_finite(_as_arrays(rows[good])) or not_finite(after)
    before, rows = _whole(session, state, iteration, good) if good else (state, ())
    meta = session.broadcast(meta_of(before))
    problem = diverged(session.engine, meta, iteration + good, session.plan.execution.shards, bad)
    return Advance(before, rows, problem=problem)


def _whole(session: Session, state: Arrays, iteration: int, count: int) -> tuple[Arrays, tuple[Row, ...]]:
    name = f"the stretch of meta-iterations {iteration + 1} to {iteration + count}"
    after, table = call(session.engine, Request("stretch", (state, iteration, count), name))
    rows = ({key: float(column[place]) for key, column in table.items()} for place in range(count))
    return after, tuple(rows)


def _update(state: Arrays, gradient: Arrays, iteration: int) -> Request:
    name = f"the outer update of meta-iteration {iteration + 1}"
    return Request("update", (state, gradient, iteration), name)


def _skip(session: Session, failure: Failure, shard: Shard, iteration: int) -> None:
    """Records a shard that is left out, or raises where none may be."""
    if session.plan.spec.train.on_failure == "stop":
        raise failed(failure)
    name, reason = failure.request.name, failure.reason
    session.notify(ShardSkipped(name, iteration + 1, shard.count, failure.attempts, reason))


def _name(shard: Shard, iteration: int) -> str:
    return f"shard {shard.index} ({tasks(shard)}) of meta-iteration {iteration + 1}"


def _as_arrays(row: Row) -> Arrays:
    return {name: np.asarray(value) for name, value in row.items()}


def _nothing_left(iteration: int) -> Diagnostic:
    return error(
        "E0703", f"every shard of meta-iteration {iteration + 1} failed: nothing is left to update from",
        help=("the workers' output is in workers.log in the run folder",),
    )
