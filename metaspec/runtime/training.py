"""Outer updates: one as workers exchange their parts of it, or a whole stretch in one call.

Both are functions of the state alone.
"""

from __future__ import annotations

from importlib import import_module

from metaspec.kinds.exchanges.gradients import Gradients
from metaspec.runtime.arrays import Arrays, meta_of, not_finite
from metaspec.runtime.divergence import diverged
from metaspec.runtime.engine import call
from metaspec.runtime.protocol import Request
from metaspec.runtime.session import Advance, Row, Session, as_arrays

GRADIENTS = Gradients()  # what schedules without a choice exchange


def advance(session: Session, state: Arrays, iteration: int, end: int) -> Advance:
    """Updates from number `iteration` (counted from 0) on.

    In mode `stretches` all of those before `end`, else one, as the schedule's exchange makes it.
    """
    if session.plan.execution.mode == "stretches":
        return _stretch(session, state, iteration, end - iteration)
    exchange = getattr(session.plan.spec.schedule, "exchange", GRADIENTS)
    return import_module(exchange.executed_by.format(name=exchange.name)).advance(session, state, iteration, end)


def _stretch(session: Session, state: Arrays, iteration: int, count: int) -> Advance:
    after, rows = _whole(session, state, iteration, count)
    good = next((place for place, row in enumerate(rows) if not_finite(as_arrays(row))), None)
    if good is None and not not_finite(after):
        return Advance(after, rows)
    # The rows show where it began, or the last update did it. Go again up to there: the same bits come out.
    good = count - 1 if good is None else good
    bad = not_finite(as_arrays(rows[good])) or not_finite(after)
    before, rows = _whole(session, state, iteration, good) if good else (state, ())
    meta = session.broadcast(meta_of(before))
    problem = diverged(session.engine, meta, iteration + good, session.plan.execution.shards, bad)
    return Advance(before, rows, problem=problem)


def _whole(session: Session, state: Arrays, iteration: int, count: int) -> tuple[Arrays, tuple[Row, ...]]:
    name = f"the stretch of meta-iterations {iteration + 1} to {iteration + count}"
    after, table = call(session.engine, Request("stretch", (state, iteration, count), name))
    rows = ({key: float(column[place]) for key, column in table.items()} for place in range(count))
    return after, tuple(rows)
