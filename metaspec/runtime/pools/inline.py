"""`schedule = inline`: the program runs in the process of the command itself, on one thread."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from metaspec.data.errors import DataError
from metaspec.diagnostics import error
from metaspec.runtime import compiled, threads, worker
from metaspec.runtime.engine import Engine, Failure, Setting, Timing, Watch
from metaspec.runtime.errors import RunError, disk
from metaspec.runtime.events import ShardFailed
from metaspec.runtime.failures import broken, data_at_fault
from metaspec.runtime.memory import exhausted, ways_out
from metaspec.runtime.protocol import Build, Request


class Inline:
    """Answers a request by calling the program; signals are noticed between two requests."""

    def __init__(self, setting: Setting, program: Any) -> None:
        self._setting = setting
        self._program = program

    def map(self, requests: Sequence[Request], watch: Watch | None = None) -> Iterator[Any]:
        for place, request in enumerate(requests):
            self._setting.signals.check()
            began = time.monotonic()
            answer = self._answer(request)
            if watch:
                ended = time.monotonic()
                watch(place, Timing(0, began, ended, ended - began))
            yield answer

    def _answer(self, request: Request) -> Any:
        meta = () if request.meta is None else (request.meta.arrays,)
        try:
            return getattr(self._program, request.method)(*meta, *request.arguments)
        except DataError as problem:
            raise data_at_fault(problem) from problem
        except Exception as problem:  # a second attempt in the same process would do the same
            _log(self._setting, request.name)
            reason = worker.summary(problem)
            self._setting.notify(ShardFailed(request.name, 1, reason))
            memory = exhausted(problem)
            return Failure(request, 1, reason, memory, ways_out(self._setting.plan) if memory else ())


@contextmanager
def open_engine(setting: Setting) -> Iterator[Engine]:
    plan = setting.plan
    place = compiled.usable(setting.cache, plan, setting.notify)
    try:
        threads.limit(plan.spec.train.device, compiled.environment(place) if place else None)
    except RuntimeError as problem:
        raise RunError(
            error(
                "E0707",
                f"the schedule `inline` cannot keep to one thread: {problem}",
                help=(
                    "use `schedule = pool { workers = 1 }`, whose worker is a process of its own",
                    "or run metaspec before any other TensorFlow code of this process",
                ),
            )
        ) from problem
    try:
        with stderr_into(setting.log):
            program = worker.build(Build(plan.model_dump_json(), setting.factory, str(setting.cache)))
    except DataError as problem:
        raise data_at_fault(problem) from problem
    except Exception as problem:
        _log(setting, "building the program")
        raise broken(worker.summary(problem), setting.log) from problem
    yield Inline(setting, program)


@contextmanager
def stderr_into(log: Path) -> Iterator[None]:
    """TensorFlow greets on the file descriptor of stderr while it is imported; no setting of its own stops that."""
    with disk(log):
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    before = os.dup(2)
    try:
        os.dup2(descriptor, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(descriptor)


def _log(setting: Setting, name: str) -> None:
    """Keeps the traceback of the exception in hand, as a worker of a pool does."""
    with disk(setting.log), setting.log.open("a") as log:
        log.write(f"{name}:\n{traceback.format_exc()}\n")
