"""The outer loop: from a plan and a folder to a result.

The driver owns the bytes. It sends meta-parameters out, adds what comes back in the order of the shards, and
decides when to evaluate, to checkpoint and to stop; every other arithmetic is the program's. With a pool it
never imports TensorFlow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from metaspec.data.store import cache_folder
from metaspec.plan.model import Plan
from metaspec.plan.staff import with_employed, without_work
from metaspec.runtime import checkpoints, identity, result, resumption, test_tasks, way_back
from metaspec.runtime.arrays import META, Arrays, digest
from metaspec.runtime.baselines import compare
from metaspec.runtime.boundaries import checkpoint_due, evaluation_due, next_boundary
from metaspec.runtime.engine import Setting, call, open_engine
from metaspec.runtime.errors import DiskError, Interrupted, RunError
from metaspec.runtime.evaluation import Evaluation, evaluate, summarise, tables
from metaspec.runtime.events import (
    Checkpointed,
    Evaluated,
    Finished,
    Iterated,
    Preparing,
    Sink,
    Started,
    Stopped,
    Warned,
)
from metaspec.runtime.folder import RunFolder, claim
from metaspec.runtime.metrics import MetricsFile, open_metrics
from metaspec.runtime.placement import Placement
from metaspec.runtime.position import Best, Position
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.result import Result
from metaspec.runtime.session import Session
from metaspec.runtime.signals import Signals, listen
from metaspec.runtime.sinks import all_of, events_file
from metaspec.runtime.training import advance
from metaspec.runtime.worker import PROGRAM

PRELOAD = ("metaspec.runtime.preload",)


def run(
    plan: Plan,
    folder: Path,
    *,
    resume: bool = False,
    sinks: Sequence[Sink] = (),
    factory: str = PROGRAM,
    preload: Sequence[str] = PRELOAD,
    cache: Path | None = None,
    keep: Callable[[Path], None] | None = None,
) -> Result:
    """Runs a plan in a folder, which is created, or with `resume` continues the run there to the same bits.

    factory: "module:function" that makes the program of a plan; preload: modules that it needs and that are
    slow to import; cache: where it may keep prepared data, by default the user's cache folder; keep: writes what the
    run was asked with into its new folder.

    Raises RunError with one diagnostic for whatever the user can mend, and Interrupted, which is one too,
    after Ctrl-C or SIGTERM.
    """
    with ExitStack() as open_until_the_end:
        enter = open_until_the_end.enter_context
        place = enter(claim(folder, resume))
        if keep and not resume:
            keep(place.path)
        notify = all_of([enter(events_file(place.events)), *sinks])
        start = resumption.begin(plan, place, resume, notify)
        if place.finished:
            return result.load(place.result)
        metrics = enter(open_metrics(place.metrics, start.metrics_bytes))
        signals = enter(listen())
        began = time.perf_counter()
        staffed = with_employed(plan)
        if idle := without_work(plan):
            notify(Warned("W0115", idle))
        notify(Preparing(getattr(staffed.spec.schedule, "workers", 0)))
        setting = Setting(staffed, factory, tuple(preload), cache or cache_folder(), place.log, notify, signals)
        try:
            engine = enter(open_engine(setting))
        except Interrupted as problem:
            raise way_back.interrupted(problem, place, start.position.iteration if start.position else 0) from problem
        versions = count(1)
        placement = Placement(plan, notify) if plan.execution.clusters else None
        session = Session(plan, engine, notify, lambda meta: Broadcast(next(versions), meta), placement)
        return _Loop(session, place, metrics, signals, began).run(start.position)


@dataclass(slots=True)
class _Loop:
    """One run under way. `position` and `saved` move; everything else stays."""

    session: Session
    place: RunFolder
    metrics: MetricsFile
    signals: Signals
    began: float  # perf_counter() before the workers were started
    position: Position = Position(-1, {})
    saved: Position | None = None
    ahead: float = 0.0  # perf_counter() at which a run without interruptions would have begun

    def run(self, start: Position | None) -> Result:
        plan, notify = self.session.plan, self.session.notify
        self.ahead = self.began - (start.seconds if start else 0.0)
        notify(
            Started(
                plan.name,
                str(self.place.path),
                start.iteration if start else 0,
                plan.spec.train.iterations,
                plan.tasks_per_iteration,
                plan.execution.mode,
                plan.spec.schedule.name,
            )
        )
        try:
            self.position = self.saved = start or self._first()
            self._train()
            return self._finish()
        except RunError as problem:
            raise self._stopped(problem) from problem

    def _first(self) -> Position:
        return Position(0, call(self.session.engine, Request("start", (), "drawing the meta-parameters")))

    def _train(self) -> None:
        plan, notify = self.session.plan, self.session.notify
        while True:
            self.signals.check()
            iteration = self.position.iteration
            if evaluation_due(plan, iteration) and self.position.evaluated != iteration:
                self._evaluate()
            if checkpoint_due(plan, iteration):
                self._checkpoint()
            if iteration == plan.spec.train.iterations:
                return
            began = time.perf_counter()
            made = advance(self.session, self.position.state, iteration, next_boundary(plan, iteration))
            rows = enumerate(made.rows, start=iteration + 1)
            self.metrics.write({"iteration": number, **row} for number, row in rows)
            self.position = replace(
                self.position,
                state=made.state,
                iteration=iteration + len(made.rows),
                training_seconds=self.position.training_seconds + time.perf_counter() - began,
                skipped=self.position.skipped + made.skipped,
            )
            if made.rows:
                notify(Iterated(self.position.iteration, len(made.rows), made.rows[-1]))
            if self.session.placement:
                last = made.problem is not None or self.position.iteration == plan.spec.train.iterations
                self.session.placement.refresh(self.position.iteration, last)
            if made.problem:
                raise RunError(made.problem)

    def _evaluate(self) -> None:
        plan = self.session.plan
        iteration, meta = self.position.iteration, learned_of(plan, self.position.state)
        when = f"evaluation after meta-iteration {iteration}"
        found = self._evaluation(meta, plan.spec.evaluate.split, when)
        best = _better(self.position.best, found, iteration, meta)
        self._report(found, iteration, best is not self.position.best)
        self.position = replace(self.position, best=best, evaluated=iteration)

    def _evaluation(self, meta: Arrays, split: str, when: str) -> Evaluation:
        return evaluate(self.session.plan, self.session.engine, self.session.broadcast(meta), split, when)

    def _report(self, found: Evaluation, iteration: int, best: bool) -> None:
        figures = {"mean": found.mean, "half_width": found.half_width}
        self.metrics.write([{"iteration": iteration, "split": found.split, "tasks": found.tasks, **figures}])
        self.session.notify(Evaluated(iteration, found.split, found.tasks, found.mean, found.half_width, best))

    def _checkpoint(self) -> None:
        """Saves the position, unless it was the last to be saved."""
        if self.position is self.saved:
            return
        self.position = replace(self.position, seconds=self._seconds())
        checkpoint = checkpoints.Checkpoint(self.position, self.metrics.sync(), identity.digest(self.session.plan))
        path = checkpoints.save(self.place.checkpoints, checkpoint)
        self.saved = self.position
        self.session.notify(Checkpointed(self.position.iteration, path.name))

    def _finish(self) -> Result:
        plan, position = self.session.plan, self.position
        best = position.best if plan.spec.evaluate.keep == "best" else None
        chosen, kept = (best.meta, best.iteration) if best else (position.state, position.iteration)
        meta = learned_of(plan, chosen)
        engine = self.session.engine
        found = tables(plan, engine, self.session.broadcast(meta), "test", "evaluation on the test tasks")
        test = summarise("test", found)
        test_tasks.save(self.place.test_tasks, plan, found)
        self._report(test, kept, False)
        against = compare(plan, engine, found) if plan.spec.evaluate.against else ()
        self.metrics.sync()
        seconds = self._seconds()
        made = Result(
            name=plan.name,
            iterations=position.iteration,
            kept=kept,
            test=result.figures(test),
            expect=result.judge(plan.spec.expect, test),
            against=against,
            skipped=position.skipped,
            seconds=seconds,
            training_seconds=position.training_seconds,
            tasks_per_second=position.iteration * plan.tasks_per_iteration / (position.training_seconds or 1.0),
            parameters=digest(meta),
            state=digest(position.state),
        )
        result.save_parameters(self.place.parameters, meta)
        result.save(self.place.result, made)
        self.session.notify(Finished(position.iteration, seconds, made.tasks_per_second, made.parameters))
        return made

    def _stopped(self, problem: RunError) -> RunError:
        """Keeps what was reached, where the disk lets it; says how to go on."""
        position = self.position
        if position.iteration > 0 and not isinstance(problem, DiskError):
            self._checkpoint()
        if not isinstance(problem, DiskError):
            code, message = problem.diagnostic.code, problem.diagnostic.message
            self.session.notify(Stopped(max(position.iteration, 0), code, message))
        if not isinstance(problem, Interrupted):
            return problem
        return way_back.interrupted(problem, self.place, position.iteration)

    def _seconds(self) -> float:
        return time.perf_counter() - self.ahead


def learned_of(plan: Plan, state: Arrays) -> Arrays:
    """What tasks are learned with: without the candidates that travel with it to be scored."""
    return {META + tensor.key: state[META + tensor.key] for tensor in plan.meta}


def _better(best: Best | None, found: Evaluation, iteration: int, meta: Arrays) -> Best | None:
    """The better of the best so far and a new evaluation; of equal ones the earlier."""
    score = found.score()
    if score is None:
        return best
    metric, value = score
    return Best(iteration, metric, value, meta) if best is None or value > best.score else best


__all__ = ["PRELOAD", "run"]
