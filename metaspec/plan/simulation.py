"""A run on paper: how long its meta-iterations would take on any number of workers, from measured times.

One driver hands out work and reads answers, one thing after another; workers compute side by side. A worker that fails
loses what it computes, is replaced after a while, and its piece of work is done again, as in a real run.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from itertools import count
from math import inf
from typing import NamedTuple

import numpy as np

from metaspec.seeds import generator


class Costs(NamedTuple):
    """Seconds, as measured."""

    call: float  # of a piece of work, whatever its size
    task: float  # of each task in it, besides
    broadcast: float  # of the driver: the meta-parameters to one worker
    answer: float  # of the driver: one answer read and added
    update: float  # of the outer update or the merge, during which the workers wait
    start: float  # from a worker's loss to its replacement at work
    spread: tuple[float, ...] = (1.0,)  # times of equal pieces over their median
    cores: int = 1  # that `crowded` is of
    crowded: float = (
        1.0  # times as long as alone takes a piece with a worker on each core, which share caches and memory
    )

    def beside(self, workers: int) -> float:
        """Times as long as alone takes a piece beside so many workers on a machine, itself included."""
        if self.cores == 1:
            return self.crowded
        return 1.0 + (self.crowded - 1.0) * (min(workers, self.cores) - 1) / (self.cores - 1)


class Prediction(NamedTuple):
    """Means over the simulated meta-iterations."""

    workers: int
    pieces: int
    seconds: float  # of a meta-iteration
    idle: float  # share of the workers' time, the update's included
    driver: float  # share of the time in which the driver is busy
    repeated: float  # share of the work that was lost and done again

    def speed_up(self, one: Prediction) -> float:
        return one.seconds / self.seconds


def simulate(
    costs: Costs,
    pieces: Sequence[int],
    workers: int,
    iterations: int = 100,
    failures: float = 0.0,
    seed: int = 0,
) -> Prediction:
    """`pieces`: tasks of each piece of work in a meta-iteration. `failures`: of one worker in an hour, at random moments."""
    draw = generator(seed, "simulation", workers, len(pieces))
    run = _Run(costs, workers, failures / 3600.0, draw)
    for _ in range(iterations):
        run.iteration(pieces)
    lost = run.computed - sum(run.useful)
    return Prediction(
        workers,
        len(pieces),
        run.now / iterations,
        1.0 - run.computed / (workers * run.now),
        run.driving / run.now,
        lost / run.computed,
    )


class _Run:
    """The clock, and what was spent up to now."""

    def __init__(self, costs: Costs, workers: int, rate: float, draw: np.random.Generator) -> None:
        self.costs, self.rate, self.draw = costs, rate, draw
        self.slower = costs.beside(workers)
        self.now = self.computed = self.driving = 0.0
        self.useful: list[float] = []
        self.absent = [0.0] * workers  # until when a lost worker is being replaced

    def iteration(self, pieces: Sequence[int]) -> None:
        """Events in the order of time: a worker is free, an answer has come, a worker is lost."""
        waiting, open_pieces, order = deque(pieces), len(pieces), count()
        driver = self.now
        informed: set[int] = set()
        events = [(max(self.now, until), next(order), "free", worker, 0) for worker, until in enumerate(self.absent)]
        heapq.heapify(events)
        while open_pieces:
            when, _, what, worker, tasks = heapq.heappop(events)
            if what == "lost":
                waiting.appendleft(tasks)
                informed.discard(worker)
                self.absent[worker] = when + self.costs.start
                heapq.heappush(events, (self.absent[worker], next(order), "free", worker, 0))
                continue
            driver = max(driver, when)
            if what == "answer":
                open_pieces -= 1
                driver = self._drive(driver, self.costs.answer)
            if waiting:
                if worker not in informed:
                    informed.add(worker)
                    driver = self._drive(driver, self.costs.broadcast)
                heapq.heappush(events, self._begin(worker, waiting.popleft(), driver, next(order)))
        self.now = driver + self.costs.update

    def _drive(self, driver: float, seconds: float) -> float:
        self.driving += seconds
        return driver + seconds

    def _begin(self, worker: int, tasks: int, start: float, order: int):
        took = (self.costs.call + tasks * self.costs.task) * self.slower * float(self.draw.choice(self.costs.spread))
        until = float(self.draw.exponential(1.0 / self.rate)) if self.rate else inf
        self.computed += min(took, until)
        if until < took:
            return start + until, order, "lost", worker, tasks
        self.useful.append(took)
        return start + took, order, "answer", worker, tasks


def best_size(costs: Costs, tasks: int, workers: int, failures: float = 0.0) -> Prediction:
    """The cut of `tasks` tasks into pieces that predicts the shortest meta-iteration; of equal ones the coarsest."""
    numbers = sorted({min(tasks, max(1, round(workers * share))) for share in (0.25, 0.5, 1, 2, 3, 4, 8)})
    found = [simulate(costs, cut(tasks, number), workers, 20, failures) for number in numbers]
    return min(found, key=lambda each: (round(each.seconds, 9), each.pieces))


def cut(tasks: int, pieces: int) -> tuple[int, ...]:
    """Pieces of nearly equal size."""
    return tuple(tasks // pieces + (number < tasks % pieces) for number in range(pieces))
