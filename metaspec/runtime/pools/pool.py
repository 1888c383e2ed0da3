"""`schedule = pool`: worker processes on this machine that live for the whole run.

A worker has one pipe. It computes one request, and where requests are short a second one waits in its pipe,
so that it need not stand still until the driver has read its answer. Its death closes the pipe, which the driver
sees at once; a worker that does not answer within the schedule's deadline is killed. Either way another one takes
its place. The request that it computed is sent again, until the schedule's attempts are used up; the one behind
it goes back to the others, and nothing is held against it.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from math import inf
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, BinaryIO

from metaspec.runtime import compiled, memory, threads
from metaspec.runtime.engine import Engine, Failure, Setting, Timing
from metaspec.runtime.errors import disk
from metaspec.runtime.events import Compiling, ShardFailed, Warned, WorkerStarted
from metaspec.runtime.failures import Loss, broken, data_at_fault, ended, no_worker, out_of_memory
from metaspec.runtime.forkserver import ForkServer, ServerLost
from metaspec.runtime.pipes import Pipe, open_pipe
from metaspec.runtime.pools.dispatch import Dispatch, Ended, Job
from metaspec.runtime.protocol import Broken, Build, Done, Failed, Ready

START_UP = 300.0  # seconds until a worker must have built its program, imports and the traces of its graphs included
_STALLED = 20.0  # seconds that one message may take through a pipe; a stopped process reads nothing
_COMPILERS = 4  # processes at most that compile graphs before the workers start; each takes half a gigabyte meanwhile
_SHORT = 0.25  # seconds that requests take for which the next one is sent ahead; longer ones keep the free choice


@dataclass(slots=True)
class _Worker:
    """The driver's side of one worker process."""

    number: int  # place in the pool; a replacement takes the same
    pid: int
    server: ForkServer  # its parent
    pipe: Pipe
    since: float  # of the order to build, or of the work in hand
    logged: int  # bytes in the log before it
    ready: bool = False
    jobs: deque[tuple[int, Job]] = field(default_factory=deque)  # sent, with their tickets; it computes the first
    took: float = inf  # seconds of its last answer
    version: int | None = None  # of the meta-parameters it holds

    @property
    def idle(self) -> bool:
        return self.ready and not self.jobs

    @property
    def takes_ahead(self) -> bool:
        return len(self.jobs) == 1 and self.took < _SHORT

    def computes(self, ticket: int) -> bool:
        return bool(self.jobs) and self.jobs[0][0] == ticket

    def finished(self, ticket: int, seconds: float = 0.0) -> tuple[Job, Timing] | None:
        """The job that it computed, if that is its ticket; it computes the next one from now on."""
        if not self.computes(ticket):
            return None
        timing = Timing(self.number, self.since, time.monotonic(), seconds)
        self.took, self.since = timing.ended - timing.began, timing.ended
        return self.jobs.popleft()[1], timing


class Pool(Dispatch):
    """The driver's side of all workers."""

    def __init__(self, setting: Setting, log: BinaryIO) -> None:
        super().__init__(setting)
        self._log = log
        self._order = Build(setting.plan.model_dump_json(), setting.factory, str(setting.cache))
        self._compiled = compiled.usable(setting.cache, setting.plan, setting.notify)
        self._server = self._start_server()
        self._workers: dict[int, _Worker] = {}
        self._kills = memory.kills()

    def start(self) -> None:
        """Orders the workers; they become ready while the first `map` waits for them."""
        if self._compiled and not compiled.filled(self._compiled, self._setting.plan):
            self._setting.notify(Compiling())
            self._compile(self._compiled)
        for number in range(self._schedule.workers):
            self._workers[number] = self._start_worker(number)

    def close(self) -> None:
        for worker in self._workers.values():
            worker.pipe.close()
        self._server.close()

    def _hand_out(self) -> list[Ended]:
        """Gives each idle worker a job, then a second one to whom it helps. Returns those that could not be sent."""
        ended: list[Ended] = []
        for number, worker in list(self._workers.items()):
            if not self._waiting:
                break
            if not worker.idle:
                continue
            job = self._take(number)
            try:
                self._send(worker, job)
            except ConnectionError:  # it died before it had work: the job is not to blame
                worker.jobs.clear()
                self._waiting.appendleft(job)
                self._replace(number, None)
            except OSError:
                over = self._replace(number, Loss(f"did not read its pipe for {_STALLED:g} s"))
                ended += [over] if over else []
        for number, worker in self._workers.items():
            if self._waiting and worker.takes_ahead:
                self._send_ahead(worker, self._take(number))
        return ended

    def _send(self, worker: _Worker, job: Job) -> None:
        work = self._work(job)
        worker.since = time.monotonic()
        worker.jobs.append((work.ticket, job))
        if job.request.meta and worker.version != work.version:
            worker.pipe.send(job.request.meta)
            worker.version = work.version
        worker.pipe.send(work)

    def _send_ahead(self, worker: _Worker, job: Job) -> None:
        """Sends a job to a worker that is busy, if it has the meta-parameters and its pipe holds the whole message.

        A longer message would wait for the worker to read, while the worker may wait for us to read its answer.
        """
        work = self._work(job)
        sent = False
        if work.version in (None, worker.version):
            with suppress(ConnectionError):  # it died; the next wait finds out, with the job that it computed
                sent = worker.pipe.send_if_short(work)
        if sent:
            worker.jobs.append((work.ticket, job))
        else:
            self._waiting.appendleft(job)

    def _collect(self) -> list[Ended]:
        """Waits until something happens, and returns the jobs that came to an end with it."""
        self._setting.signals.check()
        pipes = {worker.pipe.fileno(): number for number, worker in self._workers.items()}
        patience = max(0.0, self._next_deadline() - time.monotonic())
        happened = wait([*pipes, self._setting.signals.fileno()], patience)
        self._setting.signals.check()
        ended = [self._receive(number) for pipe, number in pipes.items() if pipe in happened]
        ended += [self._overdue(number) for number in list(self._workers)]
        return [each for each in ended if each is not None]

    def _receive(self, number: int) -> Ended | None:
        worker = self._workers[number]
        try:
            message = worker.pipe.receive()
        except (EOFError, OSError):
            return self._replace(number, None)
        match message:
            case Ready():
                worker.ready = True
                self._setting.notify(WorkerStarted(number, worker.pid, time.monotonic() - worker.since))
            case Broken(reason=reason, data=data):
                raise data_at_fault(data) if data else broken(reason, self._setting.log)
            case Done(ticket=ticket, value=value, seconds=took) if over := worker.finished(ticket, took):
                job, timing = over
                self._lost_in_a_row = 0
                return Ended(job, value, timing)
            case Failed(ticket=ticket, reason=reason, memory=True) if worker.computes(ticket):
                return self._replace(number, out_of_memory(reason))  # the next attempt begins with none used
            case Failed(ticket=ticket, reason=reason, data=data) if over := worker.finished(ticket):
                if data:
                    raise data_at_fault(data)
                job, _ = over
                self._setting.notify(ShardFailed(job.request.name, job.attempt, reason))
                return Ended(job, Failure(job.request, job.attempt, reason))
        return None

    def _patience(self, worker: _Worker) -> float:
        return self._schedule.deadline if worker.ready else START_UP

    def _next_deadline(self) -> float:
        busy = (worker for worker in self._workers.values() if not worker.idle)
        return min((worker.since + self._patience(worker) for worker in busy), default=time.monotonic() + 1.0)

    def _overdue(self, number: int) -> Ended | None:
        worker = self._workers[number]
        if worker.idle or time.monotonic() < worker.since + self._patience(worker):
            return None
        what = "gave no answer for" if worker.ready else "was not ready after"
        return self._replace(number, Loss(f"{what} {self._patience(worker):g} s"))

    def _replace(self, number: int, loss: Loss | None) -> Ended | None:
        """Buries a worker and starts another in its place; returns the job it computed, as failed.

        loss: why it is given up; None where it died, and its exit code is the reason.
        """
        worker = self._workers[number]
        worker.pipe.close()
        try:
            code, peak = worker.server.end(worker.pid)
            loss = loss or self._why(worker, code, peak)
        except ServerLost:
            loss = loss or Loss("was lost with the process that workers are forked from")
        jobs = [job for _, job in worker.jobs]
        self._back(jobs[1:])
        over = self._lost(number, worker.pid, loss, jobs[0] if jobs else None)
        self._workers[number] = self._start_worker(number)
        return over

    def _why(self, worker: _Worker, code: int, peak: int) -> Loss:
        """Why a worker died, from its exit code and from what the system and its log say."""
        before, self._kills = self._kills, memory.kills()
        return ended(code, peak, self._kills > before, memory.complained(self._setting.log, worker.logged))

    def _start_server(self) -> ForkServer:
        environment = threads.environment(self._setting.plan.spec.train.device)
        if self._compiled:
            environment |= compiled.environment(self._compiled)
        return ForkServer(self._setting.preload, environment, self._log, START_UP)

    def _compile(self, folder: Path) -> None:
        """Has processes compile every graph into the folder, and ends them: the memory that takes goes with them."""
        signals, parts = self._setting.signals, min(self._schedule.workers, _COMPILERS)
        end = time.monotonic() + self._schedule.deadline
        ones = [self._start_worker(part, rehearse=(part, parts)) for part in range(parts)]
        answers: dict[int, Any] = {}  # by the number of the part; None of a process that died
        while len(answers) < parts:
            left = {one.pipe.fileno(): one for one in ones if one.number not in answers}
            found = wait([*left, signals.fileno()], max(0.0, end - time.monotonic()))
            if not found or signals.fileno() in found:
                break
            for one in (one for number, one in left.items() if number in found):
                try:
                    answers[one.number] = one.pipe.receive()
                except (EOFError, OSError):
                    answers[one.number] = None
        whys = [why for one in ones if (why := self._uncompiled(one, answers))]
        signals.check()
        for answer in answers.values():
            if isinstance(answer, Broken) and answer.data:
                raise data_at_fault(answer.data)  # not of the compiling, and no worker would fare better
        if not whys:
            compiled.mark_filled(folder, self._setting.plan)
        else:  # a problem of the program shows when the workers are built, with what to do about it
            message = f"graphs were not compiled ahead, and each worker compiles its own: {whys[0]}"
            self._setting.notify(Warned("W0704", message))

    def _uncompiled(self, one: _Worker, answers: dict[int, Any]) -> str | None:
        """Ends a process that was to compile, and says why it did not, if so."""
        answer, died = answers.get(one.number), one.number in answers and answers[one.number] is None
        one.pipe.close()
        why = "was lost" if died else "took too long"
        with suppress(ServerLost):  # the workers find that out, and another server is started
            code, peak = one.server.end(one.pid)
            why = self._why(one, code, peak).reason if died else why
        if isinstance(answer, Ready):
            return None
        return answer.reason if isinstance(answer, Broken) else f"a process for it {why}"

    def _start_worker(self, number: int, rehearse: tuple[int, int] | None = None) -> _Worker:
        since, logged = time.monotonic(), os.fstat(self._log.fileno()).st_size
        ours, theirs = open_pipe(_STALLED)
        with theirs:
            try:
                pid = self._server.fork(theirs, self._log)
            except ServerLost:
                self._server.close()
                self._server = self._start_server()
                try:
                    pid = self._server.fork(theirs, self._log)
                except ServerLost:
                    reason = "was never forked: the process for that ended"
                    raise no_worker(reason, 2, self._setting.log) from None
        with suppress(OSError):  # it died already, which the next wait finds out
            ours.send(replace(self._order, rehearse=rehearse))
        return _Worker(number, pid, self._server, ours, since, logged)


@contextmanager
def open_engine(setting: Setting) -> Iterator[Engine]:
    with disk(setting.log):
        log = setting.log.open("ab", buffering=0)
    with log:
        pool = Pool(setting, log)
        try:
            pool.start()
            yield pool
        finally:
            pool.close()
