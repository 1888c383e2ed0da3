"""`exchange = weights`: copies of the meta-model train apart, then merge (Soulier 2020, DMAML).

In a meta-iteration every copy begins at the merged weights and makes `epochs` outer updates on tasks of its own,
somewhere on one worker. Then the weight generator says what each copy counts for, and their weighted mean is what
all begin at next. The copies are the method: the result does not depend on how many workers compute them.

With `staleness` a copy merges as soon as it is done, with the last weights of the others, and goes on from there
unless that would bring it too far ahead of the slowest. All have done the same number of meta-iterations whenever a
run evaluates or saves; what each last came to is saved too, since the others go on to merge with it. With a staleness
of 0 the result is that of merging together; beyond, it depends on who was faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from statistics import fmean

from metaspec.diagnostics import Diagnostic
from metaspec.kinds.exchanges.weights import Weights
from metaspec.plan.copies import shards_of, updates_before
from metaspec.runtime.arrays import Arrays, meta_of, not_finite
from metaspec.runtime.divergence import diverged
from metaspec.runtime.engine import Failure
from metaspec.runtime.failures import nothing_left
from metaspec.runtime.merging import Last, last_of, losses_of, merge, slots_of, with_last
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.session import Advance, Row, Session, as_arrays


def advance(session: Session, state: Arrays, iteration: int, end: int) -> Advance:
    """One meta-iteration: every copy's updates, and the merge. With `staleness` all of those before `end`."""
    exchange: Weights = session.plan.spec.schedule.exchange
    if exchange.staleness is not None:
        return _asynchronous(session, state, iteration, end, exchange.staleness)
    meta = session.broadcast(meta_of(state))
    trained: dict[int, Arrays] = {}
    rows: dict[int, Row] = {}
    requests = [_request(state, meta, iteration, copy) for copy in range(exchange.copies)]
    for copy, answer in enumerate(session.engine.map(requests)):
        if isinstance(answer, Failure):
            session.leave_out(answer, iteration, _tasks(session))
            continue
        trained[copy], rows[copy] = answer
        bad = _not_finite(answer)
        if bad:
            return Advance(state, (), problem=_diverged(session, meta, iteration, copy, bad))
    if not trained:
        return Advance(state, (), problem=nothing_left("copy", iteration))
    losses = {copy: losses_of(exchange, state, copy, row["query_loss"]) for copy, row in rows.items()}
    after, shares = merge(exchange, state, trained, losses)
    return Advance(after, (_row(rows, shares),), _tasks(session) * (exchange.copies - len(trained)))


def _asynchronous(session: Session, state: Arrays, iteration: int, end: int, staleness: int) -> Advance:
    """Each copy on its own from `iteration` to `end`, never more than `staleness` ahead of the slowest.

    What is returned is a moment at which all copies had done the same number of meta-iterations: at another one the
    merged weights would hold what some have learned in meta-iterations that a resumed run has before it.
    """
    exchange: Weights = session.plan.spec.schedule.exchange
    done = dict.fromkeys(range(exchange.copies), iteration)  # of each copy, meta-iterations
    last = last_of(state)
    shares: dict[int, dict[int, float]] = {}  # in the last merge of each meta-iteration
    rows: dict[int, dict[int, Row]] = {number: {} for number in range(iteration, end)}
    made: list[Row] = []
    places = count()
    asked: dict[int, tuple[int, Broadcast]] = {}  # by the place of a request under way: whose it is, where it begins
    skipped = 0
    together = Advance(state, ())

    def begin(copies: Iterable[int]) -> list[Request]:
        meta = session.broadcast(meta_of(state))
        requests = [_request(state, meta, done[copy], copy) for copy in copies]
        asked.update((next(places), (copy, meta)) for copy in copies)
        return requests

    idle: set[int] = set()
    for place, answer in session.engine.each(begin(range(exchange.copies))):
        copy, meta = asked.pop(place)
        number = done[copy]
        if isinstance(answer, Failure):
            session.leave_out(answer, number, _tasks(session))
            skipped += _tasks(session)
        else:
            bad = _not_finite(answer)
            if bad:
                return replace(together, problem=_diverged(session, meta, number, copy, bad))
            trained, rows[number][copy] = answer
            last[copy] = Last(number, trained, losses_of(exchange, state, copy, answer[1]["query_loss"]))
            # A copy that failed since has older weights than the slowest may have, and is left out as in other merges.
            near = {each: found for each, found in last.items() if number - found.iteration <= staleness}
            state, shares[number] = merge(
                exchange,
                state,
                {each: found.trained for each, found in near.items()},
                {each: found.losses for each, found in near.items()},
            )
        done[copy] += 1
        idle.add(copy)
        slowest = min(done.values())
        while iteration + len(made) < slowest:
            at = iteration + len(made)
            if not rows[at]:
                return replace(together, problem=nothing_left("copy", at))
            made.append(_row(rows[at], shares[at]))
        if slowest == max(done.values()):
            together = Advance(with_last(exchange, state, last) if staleness else state, tuple(made), skipped)
        ready = sorted(each for each in idle if done[each] < end and done[each] - slowest <= staleness)
        idle -= set(ready)
        if ready:
            session.engine.also(begin(ready))
    return together


def _request(state: Arrays, meta: Broadcast, iteration: int, copy: int) -> Request:
    return Request(
        "copy", (iteration, copy, slots_of(state, copy)), f"copy {copy} in meta-iteration {iteration + 1}", meta
    )


def _row(rows: Mapping[int, Row], shares: Mapping[int, float]) -> Row:
    """Means over the copies that are there, and the largest of their shares in the merge."""
    names = next(iter(rows.values()))
    return {name: fmean(each[name] for each in rows.values()) for name in names} | {
        "largest_share": max(shares.values())
    }


def _tasks(session: Session) -> int:
    """Tasks of a copy in one meta-iteration."""
    return session.plan.tasks_per_update * session.plan.spec.schedule.exchange.epochs


def _not_finite(answer: tuple[Arrays, Row]) -> tuple[str, ...]:
    trained, row = answer
    return not_finite(trained) or not_finite(as_arrays(row))


def _diverged(session: Session, meta: Broadcast, iteration: int, copy: int, bad: Sequence[str]) -> Diagnostic:
    """The tasks of all of a copy's updates are looked at from the merged weights; those that only it had are gone."""
    plan = session.plan
    updates = range(updates_before(plan, iteration), updates_before(plan, iteration + 1))
    return diverged(session.engine, meta, iteration, shards_of(plan, copy), bad, updates, copy)
