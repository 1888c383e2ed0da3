"""From the shards' sums to one meta-gradient: inside each cluster first, then across clusters, always in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from metaspec.plan.model import Plan
from metaspec.runtime.arrays import Arrays, add, scale


@dataclass(frozen=True, slots=True)
class Summed:
    """What the shards of one cluster came to; without clusters all shards are one."""

    gradient: Arrays = field(repr=False)
    tasks: float  # that are in the sum, in their worth; shards may have been skipped
    instances: int  # of the cluster


def combined(plan: Plan, sums: Sequence[Summed]) -> Arrays:
    """The meta-gradient for the outer update, which divides by `plan.tasks_per_iteration` where tasks are averaged.

    `reduce` acts inside a cluster, over the tasks that are there; `combine` across clusters: their mean, their sum,
    or a mean weighted by their numbers of instances. Clusters without a task in their sum are left out.
    """
    there = [each for each in sums if each.tasks]
    total: Arrays = {}
    for each, weight in zip(there, weights(plan, there), strict=True):
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
