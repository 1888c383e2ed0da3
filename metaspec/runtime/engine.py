"""What every schedule offers the driver: answers to requests, whoever computes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from metaspec.diagnostics import error
from metaspec.plan.model import Plan
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Sink
from metaspec.runtime.protocol import Request
from metaspec.runtime.signals import Signals


@dataclass(frozen=True, slots=True)
class Setting:
    """What an engine is opened with."""

    plan: Plan
    factory: str  # "module:function" that makes the program of a plan
    preload: tuple[str, ...]  # modules that the fork server imports
    cache: Path  # folder that a program may keep prepared data in
    log: Path  # file for the output of processes that compute
    notify: Sink
    signals: Signals


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer to a request that failed at every attempt."""

    request: Request
    attempts: int
    reason: str
    memory: bool | None = False  # whether memory was used up; None where nobody can tell
    help: tuple[str, ...] = ()  # ways out that depend on the plan


@dataclass(frozen=True, slots=True)
class Timing:
    """Who computed a request and when, by `time.monotonic()`, its way there and back included."""

    worker: int
    began: float
    ended: float
    computed: float  # seconds in between that the call itself took


Watch = Callable[[int, Timing], None]  # is told of each request that was answered, by its place in the map


class Engine(Protocol):
    """An open schedule. Answers depend on the requests alone: not on who computes them, nor on when."""

    def map(self, requests: Sequence[Request], watch: Watch | None = None) -> Iterator[Any]:
        """The answers in the order of the requests, each as soon as it and those before it are there.

        A request that failed at every attempt yields a `Failure`. Raises RunError when no worker can be had
        or the data are at fault, Interrupted on a signal. The requests still under way are then given up.
        """
        ...


def open_engine(setting: Setting) -> AbstractContextManager[Engine]:
    """Opens the engine of the plan's schedule: the module that the schedule's kind names."""
    schedule = setting.plan.spec.schedule
    return import_module(schedule.executed_by.format(name=schedule.name)).open_engine(setting)


def call(engine: Engine, request: Request) -> Any:
    """The answer to one request that the run cannot do without. Raises RunError where it fails."""
    (answer,) = engine.map([request])
    if isinstance(answer, Failure):
        raise failed(answer)
    return answer


def failed(failure: Failure) -> RunError:
    times = "once" if failure.attempts == 1 else f"at each of {failure.attempts} attempts"
    return RunError(
        error(
            "E0714" if failure.memory else "E0703",
            f"{failure.request.name} failed {times}: {failure.reason}",
            help=(
                *failure.help,
                "the workers' output is in workers.log in the run folder",
                "`train { on_failure = skip }` leaves such shards out, and counts them in the result",
            ),
        )
    )
