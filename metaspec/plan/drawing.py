"""Clusters and cluster groups as text: bars whose length is time, as in figure 4 of Pimpalkhute et al. 2021."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from math import fsum

from metaspec.cluster.members import Member
from metaspec.plan.model import ClusterPlan, Execution, Group

BAR = 64  # characters of the longest group


def clusters(execution: Execution) -> Iterator[str]:
    """A line for each cluster, then a bar for each group; nothing for a plan without clusters."""
    for cluster in execution.clusters:
        yield f"{cluster.name}: {_tasks(cluster.tasks)} of {_members(cluster)}, about {duration(cluster.seconds)}"
    yield from groups(execution.groups, {cluster.name: cluster.seconds for cluster in execution.clusters})


def groups(packed: Sequence[Group], seconds: Mapping[str, float]) -> Iterator[str]:
    """The groups as bars of one scale; `seconds` is the length of each cluster. The share is that of the longest."""
    longest = max((_length(group, seconds) for group in packed), default=0.0)
    if not longest:
        return
    for number, group in enumerate(packed, start=1):
        length = _length(group, seconds)
        bar = "".join(_segments(group.clusters, seconds, longest))
        yield f"group {number} |{bar:<{BAR}}| {duration(length)}, {length / longest:.0%}"


def _segments(names: Sequence[str], seconds: Mapping[str, float], longest: float) -> Iterator[str]:
    """Each cluster with its name in it as far as it fits, and an edge at its end."""
    passed, drawn = 0.0, 0
    for name in names:
        passed += seconds[name]
        end = max(drawn + 1, round(BAR * passed / longest))
        yield f"{name[: end - drawn - 1]:=<{end - drawn - 1}}]"
        drawn = end


def _length(group: Group, seconds: Mapping[str, float]) -> float:
    return fsum(seconds[name] for name in group.clusters)


def _members(cluster: ClusterPlan) -> str:
    if not cluster.members:
        return f"instances that the run finds to be alike (`{cluster.block}`)"
    return ", ".join(_instances(task, list(found)) for task, found in groupby(cluster.members, key=lambda m: m.task))


def _instances(task: str, found: list[Member]) -> str:
    numbers = [member.instance for member in found]
    if numbers == [0]:
        return task
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{task}[{numbers[0]}..{numbers[-1]}]" if len(numbers) > 1 else f"{task}[{numbers[0]}]"
    return f"{task}[{', '.join(map(str, numbers))}]"


def _tasks(count: int) -> str:
    return f"{count:_} task{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """0.0123 -> "12.3 ms"."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
