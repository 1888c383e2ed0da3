"""`schedule = ray`: workers that are actors of a Ray cluster.

Ray places them, carries the bytes and finds out who died; what is sent, to whom, and what an answer means are as in
the local pool. A worker holds nothing but its compiled graphs. One that is lost, with its node or alone, is asked for
anew, and Ray starts it where and when there is room: nodes may join and leave. Work carries a ticket, so a late answer
of a worker that was given up belongs to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ray
from ray.actor import ActorHandle
from ray.exceptions import OutOfMemoryError, RayError

from metaspec.runtime import threads, worker
from metaspec.runtime.engine import Engine, Failure, Setting, Timing
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.events import ShardFailed, Warned, WorkerStarted
from metaspec.runtime.failures import Loss, broken, data_at_fault, out_of_memory
from metaspec.runtime.pools.actor import Actor
from metaspec.runtime.pools.dispatch import Dispatch, Ended, Job
from metaspec.runtime.pools.ray_cluster import connected, no_room
from metaspec.runtime.protocol import Broadcast, Broken, Build, Done, Failed, Ready

START_UP = 180.0  # seconds until a placed worker must have built its program, imports included
PLACING = 25.0  # seconds until some worker must have found room
_LOOK = 0.2  # seconds between two looks at signals and deadlines


@dataclass(slots=True)
class _Worker:
    """The driver's side of one actor. `under_way` is the one call that it has not answered."""

    number: int
    actor: ActorHandle
    since: float  # of the call under way
    under_way: ray.ObjectRef
    pid: int = 0  # on its node; 0 until it is placed
    ready: bool = False
    job: Job | None = None
    ticket: int = 0


class RayPool(Dispatch):
    """The driver's side of all actors."""

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting)
        self._order = Build(setting.plan.model_dump_json(), setting.factory, str(setting.cache))
        self._environment = threads.environment(setting.plan.spec.train.device)
        self._broadcast: tuple[int, Any] = (0, None)  # version and reference of the last meta-parameters
        self._began = time.monotonic()
        self._short = False  # whether it was said that some workers find no room
        self._workers = {number: self._start_worker(number) for number in range(self._schedule.workers)}

    def close(self) -> None:
        for each in self._workers.values():
            ray.kill(each.actor)

    def _hand_out(self) -> list[Ended]:
        for number, each in self._workers.items():
            if not self._waiting:
                break
            if each.ready and each.job is None:
                self._send(each, self._take(number))
        return []

    def _send(self, each: _Worker, job: Job) -> None:
        work = self._work(job)
        each.job, each.ticket, each.since = job, work.ticket, time.monotonic()
        each.under_way = each.actor.answer.remote(work, self._reference(job.request.meta))

    def _reference(self, meta: Broadcast | None) -> Any:
        """Meta-parameters in Ray's store, once for each version: a node fetches them once for all of its workers."""
        if meta is None:
            return None
        if self._broadcast[0] != meta.version:
            self._broadcast = (meta.version, ray.put(meta))
        return self._broadcast[1]

    def _collect(self) -> list[Ended]:
        self._setting.signals.check()
        calls = {each.under_way: number for number, each in self._workers.items() if not each.ready or each.job}
        happened, _ = ray.wait(list(calls), num_returns=1, timeout=_LOOK)
        self._setting.signals.check()
        ended = [self._receive(calls[reference]) for reference in happened]
        ended += [self._overdue(number) for number in list(self._workers)]
        self._look_for_room()
        return [each for each in ended if each is not None]

    def _receive(self, number: int) -> Ended | None:
        each = self._workers[number]
        try:
            answer, log = ray.get(each.under_way)
        except RayError as problem:
            loss = f"was lost: {worker.summary(problem)}"
            return self._replace(number, Loss(loss, isinstance(problem, OutOfMemoryError)))
        self._keep(log)
        now = time.monotonic()
        match answer:
            case int():  # its process is there
                each.pid, each.since = answer, now
                each.under_way = each.actor.build.remote(self._order)
            case Ready():
                each.ready = True
                self._setting.notify(WorkerStarted(number, each.pid, now - each.since))
            case Broken(reason=reason, data=data):
                raise data_at_fault(data) if data else broken(reason, self._setting.log)
            case Done(ticket=ticket, value=value, seconds=took) if each.job and ticket == each.ticket:
                job, each.job = each.job, None
                self._lost_in_a_row = 0
                return Ended(job, value, Timing(number, each.since, now, took))
            case Failed(ticket=ticket, reason=reason, memory=True) if each.job and ticket == each.ticket:
                return self._replace(number, out_of_memory(reason))
            case Failed(ticket=ticket, reason=reason, data=data) if each.job and ticket == each.ticket:
                if data:
                    raise data_at_fault(data)
                job, each.job = each.job, None
                self._setting.notify(ShardFailed(job.request.name, job.attempt, reason))
                return Ended(job, Failure(job.request, job.attempt, reason))
        return None

    def _overdue(self, number: int) -> Ended | None:
        each = self._workers[number]
        if not each.pid or (each.ready and each.job is None):  # it waits for room, or for work
            return None
        patience = self._schedule.deadline if each.ready else START_UP
        if time.monotonic() < each.since + patience:
            return None
        what = "gave no answer for" if each.ready else "was not ready after"
        return self._replace(number, Loss(f"{what} {patience:g} s"))

    def _replace(self, number: int, loss: Loss) -> Ended | None:
        """Gives a worker up and asks for another; returns the job it had in hand, as failed."""
        each = self._workers[number]
        ray.kill(each.actor)
        job = each.job
        ended = self._lost(number, each.pid, loss, job)
        self._workers[number] = self._start_worker(number)
        return ended

    def _look_for_room(self) -> None:
        """Ray lets an actor without room wait in silence. Here no worker at all is an error, and some a warning."""
        placed = sum(each.pid > 0 for each in self._workers.values())
        if placed:
            late = time.monotonic() - self._began > PLACING
            if late and placed < len(self._workers) and not self._short:
                self._short = True
                message = f"{placed} of {len(self._workers)} workers have room in the cluster; the others start when nodes join"
                self._setting.notify(Warned("W0705", message))
            if placed == len(self._workers):
                self._began = time.monotonic()
        elif time.monotonic() - self._began > PLACING:
            raise RunError(no_room(self._schedule, PLACING))

    def _start_worker(self, number: int) -> _Worker:
        options = {"num_cpus": self._schedule.cpus_per_worker, "max_restarts": 0, "max_task_retries": 0}
        actor = ray.remote(Actor).options(**options).remote(self._environment)
        return _Worker(number, actor, time.monotonic(), actor.hello.remote())

    def _keep(self, log: str) -> None:
        if log:
            with disk(self._setting.log), self._setting.log.open("a") as file:
                file.write(log)


@contextmanager
def open_engine(setting: Setting) -> Iterator[Engine]:
    with disk(setting.log):
        setting.log.touch()
    with connected(setting.plan.spec.schedule.address):
        pool = RayPool(setting)
        try:
            yield pool
        finally:
            pool.close()
