"""A program without TensorFlow: second-order MAML on linear regression, in float32, with Adam.

It keeps the same protocol as the real one, and every number it draws is named by what it is for. The variants
at the end misbehave as real programs do: by raising, dying, hanging, or diverging.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np

import metaspec
from metaspec.plan.model import Plan, Shard
from metaspec.seeds import generator

# By its file, since its package imports TensorFlow, which would take seconds of every test.
_FILE = spec_from_file_location("copies", Path(metaspec.__file__).parent / "backend/copies.py")
copies = module_from_spec(_FILE)
_FILE.loader.exec_module(copies)

WIDTH, POINTS, STEP = 40, 10, np.float32(0.05)


class Program:
    def __init__(self, plan: Plan, cache: Path) -> None:
        self.plan, self.cache = plan, cache

    def start(self):
        draw = generator(self.plan.spec.train.seed, "start")
        meta = draw.normal(size=WIDTH).astype(np.float32)
        zeros = np.zeros(WIDTH, np.float32)
        return {"meta/init/w": meta, "outer/first/init/w": zeros, "outer/second/init/w": zeros}

    def gradient(self, meta, iteration: int, shard: Shard, carried=None):
        total, loss = np.zeros(WIDTH, np.float32), np.float32(0)
        for task in range(shard.first, shard.first + shard.count):
            gradient, query_loss = self._task(meta["meta/init/w"], iteration, task)
            total, loss = total + gradient, loss + query_loss
        return {"meta/init/w": total}, {"query_loss": float(loss)}, {}

    def copy(self, meta, iteration: int, copy: int, outer):
        return copies.train(self, meta, iteration, copy, outer)

    def update(self, state, gradient, iteration: int, age: int | None = None):
        mean = gradient["meta/init/w"] / np.float32(self.plan.tasks_per_update)
        first = np.float32(0.9) * state["outer/first/init/w"] + np.float32(0.1) * mean
        second = np.float32(0.999) * state["outer/second/init/w"] + np.float32(0.001) * mean**2
        move = np.float32(0.05) * first / (np.sqrt(second) + np.float32(1e-6))
        norm = {"gradient_norm": float(np.sqrt(np.sum(mean**2)))}
        meta = state["meta/init/w"] - move
        return {"meta/init/w": meta, "outer/first/init/w": first, "outer/second/init/w": second}, norm

    def stretch(self, state, iteration: int, count: int):
        rows = {"query_loss": np.zeros(count), "gradient_norm": np.zeros(count)}
        for place in range(count):
            total, loss = {"meta/init/w": np.zeros(WIDTH, np.float32)}, 0.0
            for shard in self.plan.execution.shards:
                gradient, metrics, _ = self.gradient(state, iteration + place, shard)
                total["meta/init/w"] = total["meta/init/w"] + gradient["meta/init/w"]
                loss += metrics["query_loss"]
            state, extra = self.update(state, total, iteration + place)
            rows["query_loss"][place] = loss / self.plan.tasks_per_iteration
            rows["gradient_norm"][place] = extra["gradient_norm"]
        return state, rows

    def evaluate(self, meta, split: str, iteration: int, shard: Shard):
        table = np.zeros((shard.count, 3), np.float32)
        for place in range(shard.count):
            support, query = self._episode(split, iteration, shard.first + place)
            weights = meta["meta/init/w"]
            for step in range(3):
                table[place, step] = np.mean((query[0] @ weights - query[1]) ** 2)
                weights = weights - STEP * _slope(support, weights)
        return {"query_loss": table}

    def retrace(self, meta, iteration: int, shard: Shard):
        return self.evaluate(meta, "train", iteration, shard)

    def _episode(self, split: str, iteration: int, task: int):
        draw = generator(self.plan.spec.train.seed, f"tasks/{split}", iteration, task)
        true = draw.normal(1.0, 0.3, size=WIDTH).astype(np.float32)
        inputs = draw.normal(size=(2, POINTS, WIDTH)).astype(np.float32)
        return [(each, each @ true) for each in inputs]

    def _task(self, weights, iteration: int, task: int):
        """d/dw of the query loss at w' = w - a grad, with the inner Hessian: (I - a H) grad(w')."""
        support, query = self._episode("train", iteration, task)
        adapted = weights - STEP * _slope(support, weights)
        outer = _slope(query, adapted)
        hessian_times = support[0].T @ (support[0] @ outer) * np.float32(2 / POINTS)
        return outer - STEP * hessian_times, np.mean((query[0] @ adapted - query[1]) ** 2)


def _slope(episode, weights):
    inputs, targets = episode
    return inputs.T @ (inputs @ weights - targets) * np.float32(2 / POINTS)


class Slow(Program):
    """Takes a few milliseconds for a shard, so that there is time for a fault in the middle of it."""

    def gradient(self, meta, iteration, shard, carried=None):
        time.sleep(0.003)
        return super().gradient(meta, iteration, shard, carried)


class Sleeping(Program):
    """A shard takes a known time that needs no processor: 80 ms, and 40 ms for each task."""

    def gradient(self, meta, iteration, shard, carried=None):
        time.sleep(0.08 + 0.04 * shard.count)
        return super().gradient(meta, iteration, shard, carried)


class Carrying(Program):
    """Every shard carries a running mean of its gradients, and adds a tenth of it."""

    def gradient(self, meta, iteration, shard, carried=None):
        gradient, metrics, _ = super().gradient(meta, iteration, shard)
        now = gradient["meta/init/w"]
        mean = np.float32(0.5) * (carried["mean"] + now) if carried else now
        return {"meta/init/w": now + np.float32(0.1) * mean}, metrics, {"mean": mean}


class SlowCarrying(Slow, Carrying):
    """Both: what shards carry has to survive faults too."""


class Poisoned(Program):
    """One shard of one meta-iteration raises, however often it is tried."""

    def gradient(self, meta, iteration, shard, carried=None):
        if (iteration, shard.index) == (4, 2):
            raise ValueError("the determinant is zero\nand more that belongs into the log")
        return super().gradient(meta, iteration, shard, carried)


class Deadly(Program):
    """One shard of one meta-iteration ends its worker, as running out of memory does."""

    def gradient(self, meta, iteration, shard, carried=None):
        if (iteration, shard.index) == (4, 2):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().gradient(meta, iteration, shard, carried)


class Hanging(Program):
    """One shard hangs, the first time only."""

    def gradient(self, meta, iteration, shard, carried=None):
        mark = self.cache / "hung"
        if (iteration, shard.index) == (4, 2) and not mark.exists():
            mark.parent.mkdir(exist_ok=True)
            mark.touch()
            time.sleep(3600)
        return super().gradient(meta, iteration, shard, carried)


class Stopping(Program):
    """One shard stops its whole process, the first time only: it neither ends nor reads its pipe."""

    def gradient(self, meta, iteration, shard, carried=None):
        mark = self.cache / "stopped"
        if (iteration, shard.index) == (4, 2) and not mark.exists():
            mark.parent.mkdir(exist_ok=True)
            mark.touch()
            os.kill(os.getpid(), signal.SIGSTOP)
        return super().gradient(meta, iteration, shard, carried)


class Diverging(Program):
    """The support set of task 7 at meta-iteration 8 (counted from 1) holds a number beyond measure."""

    def _episode(self, split, iteration, task):
        support, query = super()._episode(split, iteration, task)
        if (split, iteration, task) == ("train", 7, 7):
            support[1][3] = np.nan
        return support, query


class Overflowing(Program):
    """The meta-gradient of one shard is not finite at meta-iteration 8, though every loss is."""

    def gradient(self, meta, iteration, shard, carried=None):
        gradient, metrics, carried = super().gradient(meta, iteration, shard, carried)
        if (iteration, shard.index) == (7, 2):
            gradient["meta/init/w"][3] = np.nan
        return gradient, metrics, carried


class CarryingOverflowing(Overflowing):
    """The same in the second of three windows of trajectories that the shards carry."""

    def gradient(self, meta, iteration, shard, carried=None):
        gradient, metrics, _ = super().gradient(meta, iteration, shard)
        began, done, windows = carried["trajectory"].tolist() if carried else (iteration, 0, 3)
        began, done = (iteration, 0) if done == windows else (began, done)
        return gradient, metrics, {"trajectory": np.array([began, done + 1, windows], np.int32)}


class Unbuildable(Program):
    def __init__(self, plan, cache):
        raise ValueError("no such kernel")


class Unstartable(Program):
    def __init__(self, plan, cache):
        os._exit(7)


class PoisonedCopy(Program):
    """A copy of the meta-model raises in one meta-iteration, at every attempt."""

    def copy(self, meta, iteration, copy, outer):
        if (iteration, copy) == (7, 1):
            raise ValueError("the determinant is zero")
        return super().copy(meta, iteration, copy, outer)


class SlowCopy(Program):
    """Copy 0 takes its time. Every start of a copy is written down as copy:meta-iteration."""

    def copy(self, meta, iteration, copy, outer):
        with (self.cache / "rounds").open("a") as file:
            file.write(f"{copy}:{iteration} ")
        if copy == 0:
            time.sleep(0.05)
        return super().copy(meta, iteration, copy, outer)


def limit_memory(room: int) -> None:
    """From now on this process gets no more than `room` bytes beyond what it has."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + room,) * 2)


class Hungry(Program):
    """One shard needs more memory than there is, at every attempt: NumPy raises."""

    def gradient(self, meta, iteration, shard, carried=None):
        if (iteration, shard.index) == (4, 2):
            limit_memory(2**26)
            np.ones(2**28)
        return super().gradient(meta, iteration, shard, carried)


class HungryOnce(Hungry):
    """Only the first time, as beside another process that took the memory."""

    def gradient(self, meta, iteration, shard, carried=None):
        mark = self.cache / "hungry"
        if (iteration, shard.index) != (4, 2) or mark.exists():
            return Program.gradient(self, meta, iteration, shard, carried)
        mark.touch()
        return super().gradient(meta, iteration, shard, carried)


class Aborting(Program):
    """The C++ allocator finds no memory for one shard: nobody catches that, and the process aborts."""

    def gradient(self, meta, iteration, shard, carried=None):
        if (iteration, shard.index) == (4, 2):
            ctypes.CDLL("libstdc++.so.6")._Znwm(ctypes.c_size_t(2**62))
        return super().gradient(meta, iteration, shard, carried)
