"""A sink that kills workers of a run at random moments, and counts how long the driver takes to see it."""

from __future__ import annotations

import os
import random
import signal
import threading
import time

from metaspec.runtime.events import Iterated, WorkerLost, WorkerStarted

_IN_A_ROW = 3  # kills without a meta-iteration between them: a slow machine would use up the attempts of a shard


class Killer:
    """Kills a random worker of the pool, `times` times."""

    def __init__(self, times: int, seed: int) -> None:
        self.times, self.random = times, random.Random(seed)
        self.living: dict[int, int] = {}
        self.killed: dict[int, float] = {}
        self.seen: list[float] = []  # seconds from a kill to its event
        self.in_a_row = 0
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def __call__(self, event) -> None:
        if isinstance(event, WorkerStarted):
            self.living[event.worker] = event.pid
        if isinstance(event, Iterated):
            self.in_a_row = 0
        if isinstance(event, WorkerLost):
            self.living.pop(event.worker, None)
            if event.pid in self.killed:
                self.seen.append(time.monotonic() - self.killed[event.pid])

    def _work(self) -> None:
        while len(self.killed) < self.times:
            time.sleep(self.random.uniform(0.0, 0.04))
            living = list(self.living.values())
            if living and self.in_a_row < _IN_A_ROW:
                pid = self.random.choice(living)
                if pid not in self.killed:
                    self.in_a_row += 1
                    self.killed[pid] = time.monotonic()
                    os.kill(pid, signal.SIGKILL)
