"""Clusters by similarity, found and refreshed during a run.

The assignment is a part of the state, under `clusters/BLOCK`: the number of each instance's cluster. Workers compute
the features and the clustering; the driver only carries them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from metaspec.cluster.members import Member, is_pool, members
from metaspec.cluster.similar import grouped
from metaspec.kinds.clusters.similar import Similar
from metaspec.plan.clusters import instance
from metaspec.plan.model import Plan, Shard
from metaspec.runtime.arrays import CLUSTERS, Arrays
from metaspec.runtime.clusters import carried_by, similar_blocks
from metaspec.runtime.engine import Engine, Failure, call, failed
from metaspec.runtime.events import Clustered, Sink
from metaspec.runtime.protocol import Broadcast, Request

_DRAWN = 16  # tasks that stand for a block which is no pool
_SHOWN = 200  # instances up to which an event holds the whole similarity matrix


def assigned(plan: Plan, engine: Engine, notify: Sink, state: Arrays, meta: Broadcast, iteration: int) -> Arrays:
    """The state with the clusters of update number `iteration` (counted from 0); the same where none are due.

    Trajectories of a cluster whose members change are dropped, and begin anew with its new members. Raises RunError
    where features cannot be had.
    """
    for block, config in similar_blocks(plan).items():
        if due(config, state.get(CLUSTERS + block), iteration):
            found = _find(plan, engine, block, config, meta, iteration)
            state = replaced(plan, state, block, found["labels"])
            notify(_event(plan, block, config, found, iteration))
    return state


def due(config: Similar, before: np.ndarray | None, iteration: int) -> bool:
    return before is None or (config.refresh > 0 and iteration > 0 and iteration % config.refresh == 0)


def replaced(plan: Plan, state: Mapping[str, np.ndarray], block: str, labels: np.ndarray) -> Arrays:
    """The state with a block's new assignment, without what clusters of other members carried."""
    config, before = plan.spec.clusters[block], state.get(CLUSTERS + block)
    kept = dict(state) | {CLUSTERS + block: labels}
    if before is None:
        return kept
    everyone, names = members(plan.spec.tasks, config.tasks), config.names(block)
    old, new = (grouped(names, everyone, each.tolist()) for each in (before, labels))
    for number, cluster in enumerate(plan.execution.clusters):
        if cluster.block == block and old[cluster.name] != new[cluster.name]:
            dropped = carried_by(state, number * cluster.tasks, cluster.tasks)
            kept = {key: value for key, value in kept.items() if key not in dropped}
    return kept


def _find(plan: Plan, engine: Engine, block: str, config: Similar, meta: Broadcast, iteration: int) -> Arrays:
    features = None if config.features == "descriptors" else _features(plan, engine, block, config, meta, iteration)
    return call(engine, Request("assign", (block, features, iteration), f"the clusters of `{block}`"))


def _features(plan: Plan, engine: Engine, block: str, config: Similar, meta: Broadcast, iteration: int) -> np.ndarray:
    """(instances, numbers): each instance by itself, so that the work spreads over the workers.

    Instances of one shape are placed on one worker, which then compiles its graph for all of them.
    """
    everyone = members(plan.spec.tasks, config.tasks)
    blocks = {task.name: task for task in plan.tasks}
    kinds = [(member.task, instance(blocks, member).shape) for member in everyone]
    lanes = {kind: place for place, kind in enumerate(dict.fromkeys(kinds))}
    requests = [
        Request(
            "features",
            (config.features, iteration, _alone(plan, member, place)),
            f"features of {member} for the cluster block `{block}`",
            meta,
            lanes[kind],
            1.0,
        )
        for place, (member, kind) in enumerate(zip(everyone, kinds, strict=True))
    ]
    return np.concatenate([_answer(answer) for answer in engine.map(requests)])


def _alone(plan: Plan, member: Member, place: int) -> Shard:
    """A shard of one instance by itself; of a block that draws its tasks anew, so many of them."""
    pool = is_pool(plan.spec.tasks[member.task])
    return Shard(
        index=place,
        task=member.task,
        first=place * _DRAWN,
        count=1 if pool else _DRAWN,
        instances=(member.instance,) if pool else (),
    )


def _answer(answer: Any) -> np.ndarray:
    """A clustering without some of the instances would be another one: none is left out."""
    if isinstance(answer, Failure):
        raise failed(answer)
    return answer


def _event(plan: Plan, block: str, config: Similar, found: Arrays, iteration: int) -> Clustered:
    everyone = members(plan.spec.tasks, config.tasks)
    similarity = found["similarity"].round(4).tolist() if len(everyone) <= _SHOWN else None
    return Clustered(
        iteration,
        block,
        config.features,
        config.method,
        tuple(str(member) for member in everyone),
        tuple(found["labels"].tolist()),
        similarity,
    )
