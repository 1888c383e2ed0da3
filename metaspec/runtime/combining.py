"""From the shards' sums to one meta-gradient: inside each cluster first, then across clusters, always in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum

from metaspec.plan.model import Plan
from metaspec.runtime.arrays import META, Arrays, add, norm_of, scale
from metaspec.spec.meta_tensors import STATISTICS


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
    no cluster has more of a say than that: one whose losses explode would else drown the others. Kept statistics are no
    gradients: they are always averaged over the tasks that are there, as the update expects them.
    """
    there = [each for each in sums if each.tasks]
    total: Arrays = {}
    statistics: Arrays = {}
    for each, weight in zip(there, weights(plan, there), strict=True):
        slopes, kept = apart(plan, each.gradient)
        weight *= shortened(plan, slopes, each.tasks)
        if plan.spec.train.reduce == "mean":
            weight *= plan.tasks_per_iteration / each.tasks
        total = add(total, slopes if weight == 1 else scale(slopes, weight))
        statistics = add(statistics, kept)
    factor = plan.tasks_per_iteration / fsum(each.tasks for each in there)
    return total | (statistics if factor == 1 else scale(statistics, factor))


def apart(plan: Plan, gradient: Arrays) -> tuple[Arrays, Arrays]:
    """What the shards return as two: the meta-gradient, and the distances of kept statistics to those of the tasks."""
    names = {META + tensor.key for tensor in plan.meta if tensor.meta_parameter == STATISTICS}
    slopes = {key: value for key, value in gradient.items() if key not in names}
    return slopes, {key: value for key, value in gradient.items() if key in names}


def weights(plan: Plan, sums: Sequence[Summed]) -> tuple[float, ...]:
    """What each cluster counts for."""
    combine = getattr(plan.spec.schedule, "combine", "mean")
    if combine == "sum":
        return (1.0,) * len(sums)
    if combine == "weighted":
        whole = fsum(each.instances for each in sums)
        return tuple(each.instances / whole for each in sums)
    return (1 / len(sums),) * len(sums)


def shortened(plan: Plan, slopes: Arrays, tasks: float) -> float:
    """What a cluster's meta-gradient is multiplied by so that its mean over tasks is no longer than `clip_norm`."""
    bound = getattr(plan.spec.schedule, "clip_norm", None)
    if bound is None:
        return 1.0
    length = norm_of(slopes) / tasks
    return bound / length if length > bound else 1.0
