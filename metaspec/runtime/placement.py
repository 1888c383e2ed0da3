"""Cluster groups during a run: which worker is to take which shards, and how well that came out.

Measured times decide where shards are computed, and nothing else. After every `refresh` meta-iterations the clusters
are packed again, from the median of what each has taken since, and an event keeps what was foreseen and what was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from statistics import median

from metaspec.plan.clusters import groups, seconds
from metaspec.plan.model import Group, Plan, Shard
from metaspec.runtime.engine import Timing
from metaspec.runtime.events import Placed, Sink

_REPORTED = 10  # meta-iterations between two events where the schedule asks for no groups

Key = tuple[str, tuple[int, ...], int, str]  # of shards that take the same time


@dataclass(slots=True)
class Period:
    """What has been measured since the last event."""

    iterations: int = 0
    makespans: list[float] = field(default_factory=list)  # from the first shard's start to the last one's end
    busy: dict[int, float] = field(default_factory=dict)  # seconds of each worker
    clusters: dict[str, list[float]] = field(default_factory=dict)  # seconds of each use of a cluster
    moved: int = 0  # shards that a worker took from the group of another


class Placement:
    """Of one run with clusters. Holds measured times, which no result depends on."""

    def __init__(self, plan: Plan, notify: Sink) -> None:
        self._plan, self._notify = plan, notify
        self._groups = plan.execution.groups
        self._workers = getattr(plan.spec.schedule, "workers", 1)
        self._shards: dict[Key, float] = {}
        self._period = Period()
        grouping = getattr(plan.spec.schedule, "groups", None)
        self._refresh = grouping.refresh if grouping else 0
        self._every = self._refresh or _REPORTED

    def lane(self, shard: Shard) -> int | None:
        """The number of the shard's group; None where there are no groups."""
        return next((place for place, group in enumerate(self._groups) if shard.cluster in group.clusters), None)

    def expected(self, shard: Shard) -> float:
        """Seconds: as last measured of such shards, and before that as declared."""
        measured = self._shards.get(_key(shard))
        return _declared(self._plan, shard) if measured is None else measured

    def record(self, shards: Sequence[Shard], timings: Mapping[int, Timing]) -> None:
        """Takes note of one meta-iteration: of each shard's place there, who computed it and when."""
        if not timings:
            return
        period = self._period
        spent: dict[str, float] = {}
        for place, timing in timings.items():
            shard, took = shards[place], timing.ended - timing.began
            self._shards[_key(shard)] = took
            cluster = shard.cluster or ""
            spent[cluster] = spent.get(cluster, 0.0) + took
            period.busy[timing.worker] = period.busy.get(timing.worker, 0.0) + took
            lane = self.lane(shard)
            period.moved += lane is not None and lane % self._workers != timing.worker
        for cluster, took in spent.items():
            period.clusters.setdefault(cluster, []).append(took)
        period.iterations += 1
        period.makespans.append(max(t.ended for t in timings.values()) - min(t.began for t in timings.values()))

    def refresh(self, iteration: int, last: bool = False) -> None:
        """After `iteration` updates: tells and packs again where it is time, and tells of what is left at the end."""
        if self._period.iterations and (last or self._period.iterations >= self._every):
            measured = {name: median(found) for name, found in self._period.clusters.items()}
            self._notify(self._event(iteration, measured))
            self._period = Period()
            if self._refresh and not last:
                known = {each.name: each.seconds for each in self._plan.execution.clusters} | measured
                self._groups = groups(self._plan.spec, known)

    def _event(self, iteration: int, measured: Mapping[str, float]) -> Placed:
        period, workers = self._period, self._workers
        capacity = fsum(period.makespans) * workers
        busy = tuple(period.busy.get(worker, 0.0) for worker in range(workers))
        return Placed(
            iteration=iteration,
            iterations=period.iterations,
            groups=tuple(group.clusters for group in self._groups),
            predicted=tuple(group.seconds for group in self._groups),
            measured=tuple(_length(group, measured) for group in self._groups),
            clusters=dict(measured),
            makespan=median(period.makespans),
            busy=busy,
            idle=max(0.0, 1.0 - fsum(busy) / capacity) if capacity else 0.0,
            moved=period.moved,
        )


def _key(shard: Shard) -> Key:
    return (shard.task, shard.instances, shard.count, shard.cluster or "")


def _declared(plan: Plan, shard: Shard) -> float:
    block = next(task for task in plan.tasks if task.name == shard.task)
    numbers = shard.instances or (0,) * shard.count
    return sum(seconds(block.instances[number].operations) for number in numbers)


def _length(group: Group, measured: Mapping[str, float]) -> float:
    return fsum(measured.get(name, 0.0) for name in group.clusters)
