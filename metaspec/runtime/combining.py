"""From the shards' sums to one meta-gradient: inside each cluster first, then across clusters, always in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from metaspec.plan.model import Plan
from metaspec.runtime.arrays import Arrays, add, norm_of, scale


@dataclass(frozen=True, slots=True)
class Summed:
    """What the shards of one cluster came to; without clusters all shards are one."""

    gradient: Arrays = field(repr=False)
    tasks: float  # that are in the sum, in their worth; shards may have been skipped
    instances: int  # of the cluster


def combined(plan: Plan, sums: Sequence[Summed]) -> Arrays:
    """The meta-gradient for the outer update, which divides by `plan.tasks_per_iteration` where tasks are averaged.

    `reduce` acts inside a cluster, over the tasks that are there; `combine` across clusters: their mean, their sum,
    or a mean weighted by their numbers of instances. Clusters without a task in their sum are left out. With `clip_norm`
    no cluster has more of a say than that: one whose losses explode would else drown the others.
    """
    there = [each for each in sums if each.tasks]
    total: Arrays = {}
    for each, weight in zip(there, weights(plan, there), strict=True):
        weight *= shortened(plan, each)
        if plan.spec.train.reduce == "mean":
            weight *= plan.tasks_per_iteration / each.tasks
        total = add(total, each.gradient if weight == 1 else scale(each.gradient, weight))
    return total


def weights(plan: Plan, sums: Sequence[Summed]) -> tuple[float, ...]:
    """What each cluster counts for."""
    combine = getattr(plan.spec.schedule, "combine", "mean")
    if combine == "sum":
        return (1.0,) * len(sums)
    if combine == "weighted":
        whole = fsum(each.instances for each in sums)
        return tuple(each.instances / whole for each in sums)
    return (1 / len(sums),) * len(sums)


def shortened(plan: Plan, cluster: Summed) -> float:
    """What a cluster's meta-gradient is multiplied by so that its mean over tasks is no longer than `clip_norm`."""
    bound = getattr(plan.spec.schedule, "clip_norm", None)
    if bound is None:
        return 1.0
    length = norm_of(cluster.gradient) / cluster.tasks
    return bound / length if length > bound else 1.0
