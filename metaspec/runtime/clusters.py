"""Clusters in a run: which shards a meta-iteration has. A function of the plan and the state, and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from metaspec.cluster.members import Member, members
from metaspec.cluster.order import Traits, active
from metaspec.cluster.similar import grouped
from metaspec.kinds.clusters.similar import Similar
from metaspec.plan.clusters import cut_cluster
from metaspec.plan.model import Plan, Shard
from metaspec.runtime.arrays import CARRIED, CLUSTERS, Arrays, carried_of


class Part(NamedTuple):
    """One cluster's part of a meta-iteration; without clusters the whole of it."""

    cluster: str | None
    instances: int
    shards: tuple[Shard, ...]


def parts(plan: Plan, state: Mapping[str, np.ndarray], iteration: int) -> tuple[Part, ...]:
    """The clusters that meta-iteration `iteration` (counted from 0) uses, in the order of the plan."""
    execution, train = plan.execution, plan.spec.train
    if not execution.clusters:
        return (Part(None, 1, execution.shards),)
    pools = current_members(plan, state)
    traits = {
        cluster.name: Traits(len(pools[cluster.name]), _operations(plan, pools[cluster.name]))
        for cluster in execution.clusters
        if pools[cluster.name]
    }
    count = None if train.clusters == "all" else train.clusters
    used = active(traits, count, train.order, train.seed, iteration, train.iterations)
    found = []
    for number, cluster in enumerate(execution.clusters):
        if cluster.name in used:
            # A warm start goes on from the solution of the same instances, for ever.
            going = None if train.warm_start else under_way(state, number * cluster.tasks, cluster.tasks)
            began = 0 if train.warm_start else going[0] if going else iteration
            shards = cut_cluster(plan, number, pools[cluster.name], began)
            found.append(Part(cluster.name, len(pools[cluster.name]), shards))
    return tuple(found)


def current_members(plan: Plan, state: Mapping[str, np.ndarray]) -> dict[str, tuple[Member, ...]]:
    """The members of every cluster: those of the plan, or those that the run has found."""
    found = {cluster.name: cluster.members for cluster in plan.execution.clusters}
    for block, config in similar_blocks(plan).items():
        labels = state[CLUSTERS + block].tolist()
        found |= grouped(config.names(block), members(plan.spec.tasks, config.tasks), labels)
    return found


def similar_blocks(plan: Plan) -> dict[str, Similar]:
    """The cluster blocks whose members the run finds."""
    return {block: config for block, config in plan.spec.clusters.items() if isinstance(config, Similar)}


def under_way(state: Mapping[str, np.ndarray], first: int, count: int) -> tuple[int, int, int] | None:
    """Of the trajectories of shards `first` .. `first + count - 1`: the meta-iteration at which they began, how many of
    their windows are done, and how many there are. None where none of them goes on.

    All shards of a cluster end together, so that the next meta-iteration may draw other instances for all of them. One
    that was lost has fewer windows behind it; those that were not lost count.
    """
    marks = [state.get(f"{CARRIED}{index}/trajectory") for index in range(first, first + count)]
    going = [(int(mark[0]), int(mark[1]), int(mark[2])) for mark in marks if mark is not None and mark[1] < mark[2]]
    return max(going, key=lambda mark: mark[1], default=None)


def carried_into(plan: Plan, state: Mapping[str, np.ndarray], shard: Shard) -> Arrays:
    """What a shard goes on from; empty where its trajectories begin anew.

    A shard of a cluster that was lost begins anew with the instances that its cluster has, and for the windows that
    these have left: with a trajectory of full length it would go on where the others draw other instances.
    """
    own = carried_of(state, shard.index)
    if own or shard.cluster is None:
        return own
    tasks = next(cluster.tasks for cluster in plan.execution.clusters if cluster.name == shard.cluster)
    others = under_way(state, shard.index - shard.first, tasks)
    if others is None:
        return {}
    began, done, total = others
    return {"trajectory": np.array([began, 0, total - done], np.int32)}


def resting(plan: Plan, state: Mapping[str, np.ndarray], used: tuple[Part, ...]) -> Arrays:
    """What the clusters that a meta-iteration does not use carry on, under the keys of the state."""
    names = {part.cluster for part in used}
    found: Arrays = {}
    for number, cluster in enumerate(plan.execution.clusters):
        if cluster.name not in names:
            found |= carried_by(state, number * cluster.tasks, cluster.tasks)
    return found


def carried_by(state: Mapping[str, np.ndarray], first: int, count: int) -> Arrays:
    """The carried arrays of some shards, under the keys of the state."""
    prefixes = tuple(f"{CARRIED}{index}/" for index in range(first, first + count))
    return {key: value for key, value in state.items() if key.startswith(prefixes)}


def _operations(plan: Plan, pool: tuple[Member, ...]) -> float:
    blocks = {task.name: task for task in plan.tasks}
    return sum(blocks[each.task].instances[each.instance].operations for each in pool) / len(pool)
