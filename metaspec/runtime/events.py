"""What happens during a run, as frozen records that the driver hands to its sinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events; an event's name in `events.jsonl` is its class's."""


Sink = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The run begins, or goes on after `iteration` updates."""

    name: str
    folder: str
    iteration: int
    iterations: int
    tasks_per_iteration: int
    mode: str
    schedule: str


@dataclass(frozen=True, slots=True)
class PointBegun(Event):
    """A point of a sweep of `size` is turned to: `values` is what it sets, `done` why it is not run, where it is not."""

    number: int
    size: int
    values: str
    done: str


@dataclass(frozen=True, slots=True)
class PointStopped(Event):
    """The run of a point ended without a result, `end` says how and `message` why; the other points go on."""

    number: int
    end: str
    message: str


@dataclass(frozen=True, slots=True)
class Preparing(Event):
    """Before the run begins: so many workers are to be started, 0 where this process computes itself."""

    workers: int


@dataclass(frozen=True, slots=True)
class Compiling(Event):
    """The plan's graphs are compiled, before the workers start."""


@dataclass(frozen=True, slots=True)
class Iterated(Event):
    """`count` more updates were made; `iteration` counts all of them, `metrics` are those of the last one."""

    iteration: int
    count: int
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluated(Event):
    """Means over the evaluation's tasks, for each number of inner steps from 0 on."""

    iteration: int
    split: str
    tasks: int
    mean: Mapping[str, tuple[float | None, ...]]
    half_width: Mapping[str, tuple[float | None, ...]]
    best: bool


@dataclass(frozen=True, slots=True)
class Checkpointed(Event):
    iteration: int
    file: str


@dataclass(frozen=True, slots=True)
class WorkerStarted(Event):
    worker: int
    pid: int
    seconds: float  # from the order to the built program


@dataclass(frozen=True, slots=True)
class WorkerLost(Event):
    """A worker died or was given up. `work` is what it had in hand, which is sent again where it has attempts left."""

    worker: int
    pid: int
    reason: str
    work: str | None
    again: bool = True


@dataclass(frozen=True, slots=True)
class ShardFailed(Event):
    """A shard's call raised in its worker."""

    work: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class ShardSkipped(Event):
    """A shard was left out of its meta-iteration after its last attempt (`train { on_failure = skip }`)."""

    work: str
    iteration: int
    tasks: int
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Clustered(Event):
    """Similar instances were put into clusters, for the updates after the first `iteration`.

    instances: `BLOCK[NUMBER]`, in order; clusters: the number of each one's cluster, from 0, of `NAME_1` and so on;
    similarity: cosines (instances, instances), None where they are too many to keep.
    """

    iteration: int
    block: str
    features: str
    method: str
    instances: tuple[str, ...]
    clusters: tuple[int, ...]
    similarity: Any


@dataclass(frozen=True, slots=True)
class Placed(Event):
    """How the shards of the last `iterations` updates were spread over the workers. Seconds; medians for one update.

    groups: the cluster groups, none where the schedule asks for none; predicted, measured: the length of each, before
    and after; clusters: measured, by name; makespan: from the first shard's start to the last one's end; busy: of
    each worker, over all of these updates; idle: the workers' share of the makespans without a shard; moved: shards
    that were computed by the worker of another group.
    """

    iteration: int
    iterations: int
    groups: tuple[tuple[str, ...], ...]
    predicted: tuple[float, ...]
    measured: tuple[float, ...]
    clusters: Mapping[str, float]
    makespan: float
    busy: tuple[float, ...]
    idle: float
    moved: int


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something was decided that the user should know of; `code` has an entry in the catalogue."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """The run ended before its last iteration."""

    iteration: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Finished(Event):
    iteration: int
    seconds: float
    tasks_per_second: float
    parameters: str  # hash


def record(event: Event) -> dict[str, Any]:
    """The event as a JSON object: its name, then its fields."""
    return {"event": type(event).__name__, **asdict(event)}
