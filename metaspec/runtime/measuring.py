"""What a plan's pieces of work cost on this machine: a few of them, computed by real workers."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from statistics import median

from metaspec.data.store import cache_folder
from metaspec.kinds.schedules.pool import Pool
from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.model import Plan, Shard
from metaspec.plan.simulation import Costs
from metaspec.runtime.arrays import Arrays, add, meta_of, without_run
from metaspec.runtime.driver import PRELOAD, PROGRAM
from metaspec.runtime.engine import Engine, Failure, Setting, Timing, call, failed, open_engine
from metaspec.runtime.events import Event, WorkerStarted
from metaspec.runtime.merging import mean
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.signals import listen

ROUNDS = 12  # of each measurement; the first is left out, since it may compile
CROWD = 8  # workers side by side at most: each takes the memory of a worker


def measure(plan: Plan, cache: Path | None = None, factory: str = PROGRAM, preload: Sequence[str] = PRELOAD) -> Costs:
    """Costs on one worker of a local pool, and with a worker on every core, whatever the plan's schedule.

    Raises RunError where it cannot be run.

    A piece of work is a shard, or a copy of the meta-model between two merges. factory, preload: as of
    `metaspec.runtime.driver.run`.
    """
    exchange = getattr(plan.spec.schedule, "exchange", None)
    crowd = min(CROWD, len(os.sched_getaffinity(0)))
    schedule = Pool(workers=crowd, **({"exchange": exchange} if exchange else {}))
    plan = plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": schedule})})
    started: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, WorkerStarted):
            started.append(event.seconds)

    with tempfile.TemporaryDirectory() as folder, listen() as signals:
        log = Path(folder) / "workers.log"
        setting = Setting(plan, factory, tuple(preload), cache or cache_folder(), log, note, signals)
        with open_engine(setting) as engine:
            return _measured(plan, engine, crowd, started)


def _measured(plan: Plan, engine: Engine, crowd: int, started: list[float]) -> Costs:
    start = Request("start", (), "drawing the meta-parameters")
    state = call(engine, start)
    while len(started) < crowd:  # one that still loads its program would slow the others down
        call(engine, start)
    versions = count(1)
    shard = max(plan.execution.shards, key=lambda each: each.count)
    if exchange_of_weights(plan.spec):
        outer = {key: value for key, value in state.items() if key.startswith("outer/")}
        pieces = {1: [Request("copy", (number, 0, outer), "a copy", None) for number in range(ROUNDS)]}
    else:
        sizes = {shard.count: shard, 1: shard.model_copy(update={"count": 1, "instances": shard.instances[:1]})}
        pieces = {size: [_gradient(each, number) for number in range(ROUNDS)] for size, each in sizes.items()}
    computed: dict[int, list[float]] = {}
    fresh: list[float] = []
    for size, requests in pieces.items():
        # A new version each time shows what a broadcast costs; then all with one.
        timings, answers = _timed(
            engine, [replace(r, meta=Broadcast(next(versions), meta_of(state))) for r in requests]
        )
        computed[size] = [each.computed for each in timings]
        fresh += [each.ended - each.began - each.computed for each in timings]
    same = Broadcast(next(versions), meta_of(state))
    timings, answers = _timed(engine, [replace(request, meta=same) for request in requests])
    kept = median(each.ended - each.began - each.computed for each in timings)
    largest, whole = max(computed), median(computed[max(computed)])
    one = median(computed[min(computed)])
    task = max(0.0, (whole - one) / (largest - 1)) if largest > 1 else 0.0
    together = [replace(request, meta=same) for request in pieces[largest]] * crowd
    crowded = median(each.computed for each in _at_once(engine, together)) / whole
    began = time.perf_counter()
    added = add({}, _arrays(answers[0]))
    for answer in answers:
        added = add(added, _arrays(answer))
    adding = (time.perf_counter() - began) / len(answers)
    return Costs(
        call=max(0.0, one - task),
        task=task,
        broadcast=max(0.0, median(fresh) - kept),
        answer=kept + adding,
        update=_update(plan, engine, state, answers),
        start=started[0],
        spread=tuple(each / whole for each in computed[largest]),
        cores=crowd,
        crowded=max(1.0, crowded),
    )


def _gradient(shard: Shard, number: int) -> Request:
    return Request("gradient", (number, shard, {}), "a shard to be measured")


def _timed(engine: Engine, requests: list[Request]) -> tuple[list[Timing], list]:
    """One request at a time, so that none is sent ahead; the first, which may compile, is left out."""
    timings: list[Timing] = []
    answers = []
    for request in requests:
        (answer,) = engine.map([request], lambda _, timing: timings.append(timing))
        if isinstance(answer, Failure):
            raise failed(answer)
        answers.append(answer)
    return timings[1:], answers[1:]


def _at_once(engine: Engine, requests: list[Request]) -> list[Timing]:
    """All of them waiting from the beginning, so that every worker is busy."""
    timings: list[Timing] = []
    for answer in engine.map(requests, lambda _, timing: timings.append(timing)):
        if isinstance(answer, Failure):
            raise failed(answer)
    return timings


def _arrays(answer: tuple) -> Arrays:
    return answer[0]


def _update(plan: Plan, engine: Engine, state: Arrays, answers: list) -> float:
    """Seconds of an outer update with its way there and back; of copies that merge, of the merge in the driver."""
    if exchange := exchange_of_weights(plan.spec):
        began = time.perf_counter()
        mean([meta_of(_arrays(answers[0]))] * exchange.copies, [1 / exchange.copies] * exchange.copies)
        return time.perf_counter() - began
    request = Request("update", (without_run(state), _arrays(answers[0]), 0), "an outer update")
    timings, _ = _timed(engine, [request] * ROUNDS)
    return median(each.ended - each.began for each in timings)
