"""`exchange = gradients`: workers return the meta-gradients of their shards, and one update is made of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metaspec.diagnostics import Diagnostic
from metaspec.plan.model import Shard
from metaspec.plan.tally import Tally
from metaspec.runtime import trust_region
from metaspec.runtime.arrays import (
    Arrays,
    add,
    clusters_of,
    meta_of,
    norm_of,
    not_finite,
    scale,
    with_carried,
    without_run,
)
from metaspec.runtime.assignment import assigned
from metaspec.runtime.clusters import Part, carried_into, parts, resting
from metaspec.runtime.combining import Summed, combined
from metaspec.runtime.divergence import diverged, tasks
from metaspec.runtime.engine import Failure, Timing, call
from metaspec.runtime.failures import nothing_left
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.session import Advance, Row, Session, as_arrays


def advance(session: Session, state: Arrays, iteration: int, end: int) -> Advance:
    """One meta-iteration, whatever `end` is."""
    plan, engine = session.plan, session.engine
    meta = session.broadcast(meta_of(state))
    state = assigned(plan, engine, session.notify, state, meta, iteration)
    used = parts(plan, state, iteration)
    found = _gathered(session, state, used, meta, iteration)
    if isinstance(found, Diagnostic):
        return Advance(state, (), problem=found)
    if found.skipped == sum(shard.count for part in used for shard in part.shards):
        return Advance(state, (), problem=nothing_left("shard", iteration))
    total = combined(plan, found.sums)
    searched: Row = {}
    if type(plan.spec.outer).searches:
        total, searched = _searched(session, found.shards, meta, total, iteration)
    updated, extra = call(engine, _update(without_run(state), total, iteration))
    bad = not_finite(updated)
    if bad:
        return Advance(state, (), problem=diverged(engine, meta, iteration, (), bad))
    after = with_carried(updated | clusters_of(state), found.carried) | resting(plan, state, used)
    return Advance(after, (found.row | extra | searched,), found.skipped)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What the shards of a meta-iteration came to: a sum for each cluster, and what each shard carries on.

    A shard that was skipped carries nothing: its trajectories are lost, and begin anew (see `clusters.carried_into`).
    """

    sums: tuple[Summed, ...]
    shards: tuple[Shard, ...]  # that are in the sums
    carried: dict[int, Arrays]
    row: Row  # means over the tasks that report a metric
    skipped: int


def _gathered(
    session: Session, state: Arrays, used: Sequence[Part], meta: Broadcast, iteration: int
) -> _Gathered | Diagnostic:
    """Sums over the shards of each cluster, in their order; or what is wrong with one that is not finite."""
    shards = [shard for part in used for shard in part.shards]
    timings: dict[int, Timing] = {}
    answers = session.engine.map(_requests(session, state, shards, meta, iteration), timings.__setitem__)
    sums: list[Summed] = []
    there: list[Shard] = []
    carried: dict[int, Arrays] = {}
    tally = Tally()
    skipped = 0
    for part in used:
        total: Arrays = {}
        counted = 0.0
        for shard in part.shards:
            answer = next(answers)
            if isinstance(answer, Failure):
                session.leave_out(answer, iteration, shard.count)
                skipped += shard.count
                continue
            gradient, metrics, carried[shard.index] = answer
            bad = not_finite(gradient) or not_finite(as_arrays(metrics))
            if bad:
                return diverged(session.engine, meta, iteration, [shard], bad, carried=carried[shard.index])
            there.append(shard)
            total, counted = add(total, gradient), counted + shard.worth
            tally.add(metrics, shard.worth)
        sums.append(Summed(total, counted, part.instances))
    if session.placement:
        session.placement.record(shards, timings)
    return _Gathered(tuple(sums), tuple(there), carried, tally.means(), skipped)


def _searched(
    session: Session, shards: Sequence[Shard], meta: Broadcast, total: Arrays, iteration: int
) -> tuple[Arrays, Row]:
    """The step of a trust region in the place of the meta-gradient, scaled as the update expects it, and its figures.

    It is searched for with the shards that the meta-gradient is of.
    """
    plan = session.plan
    step, figures = trust_region.step(session, meta, shards, total, iteration)
    norm = {"gradient_norm": norm_of(total) / plan.tasks_per_update}
    return scale(step, plan.tasks_per_update if plan.spec.train.reduce == "mean" else 1.0), figures | norm


def _requests(
    session: Session, state: Arrays, shards: Sequence[Shard], meta: Broadcast, iteration: int
) -> list[Request]:
    plan, placement = session.plan, session.placement
    return [
        Request(
            "gradient",
            (iteration, shard, carried_into(plan, state, shard)),
            _name(shard, iteration),
            meta,
            placement.lane(shard) if placement else None,
            placement.expected(shard) if placement else 0.0,
        )
        for shard in shards
    ]


def _update(state: Arrays, gradient: Arrays, iteration: int) -> Request:
    name = f"the outer update of meta-iteration {iteration + 1}"
    return Request("update", (state, gradient, iteration), name)


def _name(shard: Shard, iteration: int) -> str:
    of = f"`{shard.cluster}` in " if shard.cluster else ""
    return f"shard {shard.index} ({tasks(shard)}) of {of}meta-iteration {iteration + 1}"
