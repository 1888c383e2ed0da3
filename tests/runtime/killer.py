"""A sink that kills workers of a run at random moments, and counts how long the driver takes to see it."""

from __future__ import annotations

import os
import random
import signal
import threading
import time

from metaspec.runtime.events import WorkerLost, WorkerStarted


class Killer:
    """Kills a random worker of the pool, `times` times."""

    def __init__(self, times: int, seed: int) -> None:
        self.times, self.random = times, random.Random(seed)
        self.living: dict[int, int] = {}
        self.killed: dict[int, float] = {}
        self.seen: list[float] = []  # seconds from a kill to its event
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def __call__(self, event) -> None:
        if isinstance(event, WorkerStarted):
            self.living[event.worker] = event.pid
        if isinstance(event, WorkerLost):
            self.living.pop(event.worker, None)
            if event.pid in self.killed:
                self.seen.append(time.monotonic() - self.killed[event.pid])

    def _work(self) -> None:
        while len(self.killed) < self.times:
            time.sleep(self.random.uniform(0.0, 0.04))
            living = list(self.living.values())
            if living:
                pid = self.random.choice(living)
                if pid not in self.killed:
                    self.killed[pid] = time.monotonic()
                    os.kill(pid, signal.SIGKILL)
