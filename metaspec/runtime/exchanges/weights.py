"""`exchange = weights`: copies of the meta-model train apart, then merge (Soulier 2020, DMAML).

In a meta-iteration every copy begins at the merged weights and makes `epochs` outer updates on tasks of its own,
somewhere on one worker. Then the weight generator says what each copy counts for, and their weighted mean is what
all begin at next. The copies are the method: the result does not depend on how many workers compute them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from statistics import fmean

import numpy as np

from metaspec.diagnostics import Diagnostic
from metaspec.kinds.exchanges.weights import Weights
from metaspec.kinds.merges.loss_average import LossAverage
from metaspec.plan.copies import shards_of, updates_before
from metaspec.plan.model import Plan
from metaspec.runtime.arrays import COPIES, OUTER, Arrays, meta_of, not_finite
from metaspec.runtime.divergence import diverged
from metaspec.runtime.engine import Failure
from metaspec.runtime.failures import nothing_left
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.session import Advance, Row, Session, as_arrays


def advance(session: Session, state: Arrays, iteration: int) -> Advance:
    """One meta-iteration: every copy's updates, and the merge."""
    plan = session.plan
    exchange: Weights = plan.spec.schedule.exchange
    meta = session.broadcast(meta_of(state))
    trained: dict[int, Arrays] = {}
    rows: dict[int, Row] = {}
    tasks = plan.tasks_per_update * exchange.epochs
    for copy, answer in enumerate(session.engine.map(_requests(state, meta, iteration, exchange.copies))):
        if isinstance(answer, Failure):
            session.leave_out(answer, iteration, tasks)
            continue
        trained[copy], rows[copy] = answer
        bad = not_finite(trained[copy]) or not_finite(as_arrays(rows[copy]))
        if bad:
            return Advance(state, (), problem=_diverged(session, meta, iteration, copy, bad))
    if not trained:
        return Advance(state, (), problem=nothing_left("copy", iteration))
    losses = {copy: _losses(state, copy, row["query_loss"], _window(exchange)) for copy, row in rows.items()}
    shares = dict(zip(trained, shares_of(exchange, list(losses.values())), strict=True))
    after = _after(plan, state, trained, losses, shares)
    row = {name: fmean(each[name] for each in rows.values()) for name in next(iter(rows.values()))}
    row["largest_share"] = max(shares.values())
    return Advance(after, (row,), tasks * (exchange.copies - len(trained)))


def shares_of(exchange: Weights, losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """What each copy counts for, by the exchange's weight generator (see `metaspec.runtime.merges`)."""
    merge = exchange.combine
    return import_module(merge.executed_by.format(name=merge.name)).shares(merge, losses)


def merged(parts: Sequence[Mapping[str, np.ndarray]], shares: Sequence[float]) -> Arrays:
    """The weighted mean by key, summed in double precision in the order of the parts."""
    return {
        key: np.asarray(
            sum(share * part[key].astype(np.float64) for part, share in zip(parts, shares, strict=True)),
            dtype=parts[0][key].dtype,
        )
        for key in parts[0]
    }


def _requests(state: Arrays, meta: Broadcast, iteration: int, copies: int) -> list[Request]:
    return [
        Request("copy", (iteration, copy, _slots(state, copy)), f"copy {copy} in meta-iteration {iteration + 1}", meta)
        for copy in range(copies)
    ]


def _slots(state: Arrays, copy: int) -> Arrays:
    """The outer state that a copy begins with: its own where it keeps one, else that of all."""
    prefix = f"{COPIES}{copy}/"
    own = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix + OUTER)}
    return own or {key: value for key, value in state.items() if key.startswith(OUTER)}


def _after(
    plan: Plan, state: Arrays, trained: dict[int, Arrays], losses: dict[int, list[float]], shares: dict[int, float]
) -> Arrays:
    """The state after a merge. A copy that was left out keeps what it has of its own.

    Under "outer/" stands what a copy without an outer state of its own begins with: with `reset` that of the start,
    with `merge` the merged one.
    """
    counted = [copy for copy in trained if shares[copy] > 0]
    after = dict(state) | merged([meta_of(trained[copy]) for copy in counted], [shares[copy] for copy in counted])
    after |= {f"{COPIES}{copy}/losses": np.asarray(own) for copy, own in losses.items()}
    mode = plan.spec.schedule.exchange.outer_state
    outer = {copy: {k: v for k, v in arrays.items() if k.startswith(OUTER)} for copy, arrays in trained.items()}
    if mode == "merge":
        after |= merged([outer[copy] for copy in counted], [shares[copy] for copy in counted])
    if mode == "keep":
        after |= {f"{COPIES}{copy}/{key}": value for copy, arrays in outer.items() for key, value in arrays.items()}
    return after


def _losses(state: Arrays, copy: int, last: float, window: int) -> list[float]:
    """A copy's last losses, oldest first: the query loss of the tasks of its last epoch, after adaptation."""
    before = state.get(f"{COPIES}{copy}/losses")
    return [*([] if before is None else before.tolist()), last][-window:]


def _window(exchange: Weights) -> int:
    return exchange.combine.window if isinstance(exchange.combine, LossAverage) else 1


def _diverged(session: Session, meta: Broadcast, iteration: int, copy: int, bad: Sequence[str]) -> Diagnostic:
    """The first update of a copy is looked at again: later ones began at weights that only the copy had."""
    plan = session.plan
    return diverged(session.engine, meta, updates_before(plan, iteration), shards_of(plan, copy), bad)
