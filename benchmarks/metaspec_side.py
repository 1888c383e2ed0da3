"""metaspec as a competitor: the plan of a real spec, run by the engine and the updates of a real run.

What a run does besides (metrics, checkpoints, evaluation) is left out, as it is for the peers.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks import fixture
from benchmarks.protocol import serve
from metaspec import api
from metaspec.data.episodes import draw_episodes
from metaspec.data.gather import gather_episodes
from metaspec.data.store import open_store
from metaspec.data.task import task_data
from metaspec.plan.model import Plan
from metaspec.runtime import threads
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.driver import PRELOAD, PROGRAM
from metaspec.runtime.engine import Setting, call, open_engine
from metaspec.runtime.events import Event
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.session import Session
from metaspec.runtime.signals import Signals
from metaspec.runtime.training import advance

# One step of plain gradient descent with this step size shows the meta-gradient: the difference of the parameters
# over it. A power of two, so large that the parameters' own rounding does not matter.
SHOWING = 1024.0


class Side:
    """The state between two requests."""

    def __init__(self) -> None:
        self.opened = ExitStack()

    def open(self, spec: str, overrides: list[str], cache: str) -> dict:
        """Starts the engine and makes one update; seconds until it is there."""
        began = time.perf_counter()
        self.cache, self.overrides, self.spec = Path(cache), overrides, spec
        self.cache.mkdir(exist_ok=True)
        self.session = self._session(self.opened, planned(spec, overrides))
        self.state = call(self.session.engine, Request("start", (), "drawing the meta-parameters"))
        self.iteration = 0
        self.round(1)
        return {
            "first": time.perf_counter() - began,
            "mode": self.session.plan.execution.mode,
            "stretch": self.session.plan.execution.stretch,
        }

    def gradient(self, path: str) -> dict:
        """The parameters and tasks of the first meta-iteration and their meta-gradient, by the same road as any update.

        In float64: where the input of a relu lies within rounding of zero two correct programs differ, and in float32
        one task in thirty has such a place.
        """
        plan = planned(self.spec, [*self.overrides, f"outer=sgd {{ lr = {SHOWING} }}", "train.precision=float64"])
        with ExitStack() as opened:
            session = self._session(opened, plan)
            before = call(session.engine, Request("start", (), "drawing the meta-parameters"))
            after = advance(session, before, 0, 1).state
        gradient = {key: (before[key].astype(np.float64) - after[key]) / SHOWING for key in before}
        fixture.save(path, parameter=named(before), task=episodes(plan, self.cache), gradient=named(gradient))
        return {}

    def round(self, iterations: int) -> dict:
        """Updates; a stretch that reaches past a multiple of its length is cut there, as in a run."""
        began, end = time.perf_counter(), self.iteration + iterations
        longest = self.session.plan.execution.stretch
        while self.iteration < end:
            full = self.iteration // longest * longest + longest
            made = advance(self.session, self.state, self.iteration, min(end, full))
            if made.problem:
                raise RuntimeError(made.problem.message)
            self.state, self.iteration = made.state, self.iteration + len(made.rows)
        return {"seconds": time.perf_counter() - began}

    def single(self, iterations: int) -> dict:
        """Updates of a stretch asked for one by one: what a call costs shows beside `round`."""
        began = time.perf_counter()
        for _ in range(iterations):
            self.round(1)
        return {"seconds": time.perf_counter() - began}

    def close(self) -> None:
        """Ends the workers."""
        self.opened.close()

    def _session(self, opened: ExitStack, plan: Plan) -> Session:
        signals = Signals()
        opened.callback(signals.close)
        log = self.cache / "workers.log"
        engine = opened.enter_context(open_engine(Setting(plan, PROGRAM, PRELOAD, self.cache, log, show, signals)))
        versions = count(1)
        return Session(plan, engine, show, lambda meta: Broadcast(next(versions), meta))


def planned(spec: str, overrides: list[str]) -> Plan:
    return api.plan(spec, overrides)


def show(event: Event) -> None:
    print(event, file=sys.stderr, flush=True)


def named(state: Arrays) -> Arrays:
    """The initial weights of a state, by the names of the model's parameters."""
    return {key.rpartition("/")[2]: value for key, value in state.items() if key.startswith("meta/")}


def episodes(plan: Plan, cache: Path) -> dict[str, np.ndarray]:
    """The tasks of the first meta-iteration, as the program draws them."""
    (task,) = plan.tasks
    config, tasks = plan.spec.tasks[task.name], plan.tasks_per_iteration
    if type(config).from_files:
        found = task_data(config.data, config.episode_shape(), Path(task.location))
        drawn = draw_episodes(
            found.pools.train, config.episode_shape(), plan.spec.train.seed, "tasks/train", 0, range(tasks)
        )
        batch = gather_episodes(open_store(found.source, cache).items, drawn)
        return {name: getattr(batch, name) for name in ("support_x", "support_y", "query_x", "query_y")}
    threads.limit(plan.spec.train.device)
    import tensorflow as tf

    from metaspec.backend.program import Program

    (block,) = Program(plan, cache).graphs["block"](tf.constant(0))
    arrays = {
        "support_x": block.support.inputs,
        "support_y": block.support.targets,
        "query_x": block.query.inputs,
        "query_y": block.query.targets,
    }
    return {name: tensor.numpy()[0] for name, tensor in arrays.items()}


if __name__ == "__main__":
    side = Side()
    serve({"open": side.open, "gradient": side.gradient, "round": side.round, "single": side.single})
    side.close()
