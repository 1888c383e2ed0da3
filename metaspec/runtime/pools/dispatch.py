"""What schedules with workers share: requests wait, go to a worker, and come back in the order they were asked.

A request that fails is sent again until the schedule's attempts are used up. A ticket is used once, so an answer
that comes after its work was given up is recognised and dropped.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple

from metaspec.runtime.engine import Failure, Setting, Timing, Watch
from metaspec.runtime.events import WorkerLost
from metaspec.runtime.failures import Loss, no_worker
from metaspec.runtime.memory import ways_out
from metaspec.runtime.pools.queue import Waiting, next_for
from metaspec.runtime.protocol import Request, Work

_TRIES = 8  # workers lost without work in hand, one after another, until none of them can be hoped for


@dataclass(frozen=True, slots=True)
class Job:
    """A request of one `map`: its place there, and which attempt this is."""

    batch: int
    place: int
    request: Request
    attempt: int = 1


class Ended(NamedTuple):
    """A job with its answer, or its failure; `timing` where it was answered."""

    job: Job
    answer: Any
    timing: Timing | None = None


class Dispatch(ABC):
    """An engine whose workers are processes. Who extends it says how work reaches them and what comes back."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._schedule = setting.plan.spec.schedule
        self._batches = count(1)
        self._tickets = count(1)
        self._batch = 0
        self._waiting: deque[Job] = deque()  # of the batch under way, not with a worker
        self._asked = 0  # requests of that batch so far
        self._lost_in_a_row = 0  # workers without work in hand
        self._open = 0  # of them, those without an answer

    @abstractmethod
    def _hand_out(self) -> list[Ended]:
        """Gives waiting jobs to workers that can take one. Returns those that could not be sent."""

    @abstractmethod
    def _collect(self) -> list[Ended]:
        """Waits until something happens, and returns the jobs that came to an end with it."""

    def map(self, requests: Sequence[Request], watch: Watch | None = None) -> Iterator[Any]:
        answers: dict[int, Any] = {}
        came = self.each(requests, watch)
        for place in range(len(requests)):
            while place not in answers:
                answers.update([next(came)])
            yield answers.pop(place)

    def each(self, requests: Sequence[Request], watch: Watch | None = None) -> Iterator[tuple[int, Any]]:
        """The place of each request and its answer, as they come. In between, `also` asks for more."""
        batch = self._batch = next(self._batches)
        self._waiting.clear()
        self._asked = self._open = 0
        self.also(requests)
        ended = self._hand_out()
        while self._open:
            over = []
            for job, answer, timing in ended + self._hand_out() or self._collect():
                if job.batch != batch:  # of a map that was left early
                    continue
                if watch and timing:
                    watch(job.place, timing)
                if isinstance(answer, Failure) and job.attempt < self._schedule.attempts:
                    self._waiting.appendleft(replace(job, attempt=job.attempt + 1))
                else:
                    over.append((job.place, answer))
            ended = self._hand_out()  # before the caller looks at an answer: its time is not the workers' time
            for found in over:
                self._open -= 1
                yield found

    def also(self, requests: Sequence[Request]) -> None:
        """Adds requests to those that `each` answers; their places go on."""
        self._waiting.extend(Job(self._batch, self._asked + number, each) for number, each in enumerate(requests))
        self._asked += len(requests)
        self._open += len(requests)

    def _take(self, number: int) -> Job:
        choices = [Waiting(job.request.lane, job.request.seconds, job.attempt) for job in self._waiting]
        place = next_for(number, self._schedule.workers, choices)
        job = self._waiting[place]
        del self._waiting[place]
        return job

    def _work(self, job: Job) -> Work:
        request = job.request
        version = request.meta.version if request.meta else None
        return Work(next(self._tickets), job.attempt, request.method, request.arguments, request.name, version)

    def _lost(self, number: int, pid: int, loss: Loss, job: Job | None) -> Ended | None:
        """Tells of a lost worker; returns the job that it computed, as failed. Raises when workers come to nothing."""
        again = job is None or job.attempt < self._schedule.attempts
        self._setting.notify(WorkerLost(number, pid, loss.reason, job.request.name if job else None, again))
        if job is not None:
            ways = () if loss.memory is False else ways_out(self._setting.plan)
            return Ended(job, Failure(job.request, job.attempt, f"its worker {loss.reason}", loss.memory, ways))
        self._lost_in_a_row += 1
        if self._lost_in_a_row >= _TRIES:
            raise no_worker(loss.reason, self._lost_in_a_row, self._setting.log)
        return None

    def _back(self, jobs: Sequence[Job]) -> None:
        """Jobs that no worker has begun wait again, unless nobody waits for them any more."""
        self._waiting.extendleft(job for job in jobs if job.batch == self._batch)
