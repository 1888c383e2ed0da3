"""Clusters in a plan: who is in them, what they cost, and how a meta-iteration of them is cut into shards.

Cutting looks at shapes and constants alone, so that neither workers nor cluster groups can change a bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

import numpy as np

from metaspec.cluster.descriptors import Description, matrix
from metaspec.cluster.members import Member, is_pool, members, taken
from metaspec.plan.abreast import WIDEST, side_by_side
from metaspec.plan.execution import SHARDS, share, whole_shards
from metaspec.plan.model import ClusterPlan, Execution, Group, Instance, Plan, Shard, TaskPlan
from metaspec.spec.kind import Kind, Task
from metaspec.spec.spec import Spec
from metaspec.spec.values import Distribution

# A worker's pace, to predict seconds from operations until there are measured ones: only their ratios matter.
OPERATIONS_PER_SECOND = 5e9
# What a task takes besides its arithmetic: the call, small operations, the loop over inner steps.
SECONDS_PER_TASK = 1e-3
# Up to this much arithmetic a shard is not cut further: its way to another worker would take as long.
SMALLEST_SHARD = 20_000_000
# The same of problems, whose graphs of many small operations take milliseconds to call and seconds to compile: half of
# that time goes to how many operations there are, however much each of them computes.
SMALLEST_SHARD_OF_PROBLEMS = 400_000_000


def clusters(spec: Spec, tasks: Sequence[TaskPlan], count: int) -> tuple[ClusterPlan, ...]:
    """Every cluster of a spec in order, with `count` tasks of each in a meta-iteration."""
    blocks = {task.name: task for task in tasks}
    found = []
    for block, config in spec.clusters.items():
        everyone = members(spec.tasks, config.tasks)
        known = {member: description(spec.tasks[member.task], blocks[member.task], member) for member in everyone}
        foreseen = executor(config).foreseen(config, block, spec.tasks, known, spec.train.seed)
        for name, own in foreseen.items():
            costs = [instance(blocks, member).operations for member in own or everyone]
            cost = sum(costs) // len(costs)
            found.append(
                ClusterPlan(
                    name=name, block=block, tasks=count, members=own, operations=cost, seconds=count * seconds(cost)
                )
            )
    return tuple(found)


def assign(plan: Plan, block: str, features: np.ndarray | None, iteration: int) -> dict[str, np.ndarray]:
    """The number of the cluster of each instance of a `similar` block, (instances,), and their similarity.

    features: (instances, numbers); None for descriptors, which the plan itself holds.
    """
    config, tasks = plan.spec.clusters[block], plan.spec.tasks
    if features is None:
        blocks = {task.name: task for task in plan.tasks}
        everyone = members(tasks, config.tasks)
        features = matrix([description(tasks[each.task], blocks[each.task], each) for each in everyone])
    labels, similarity = executor(config).assigned(config, block, features, plan.spec.train.seed, iteration)
    return {"labels": labels, "similarity": similarity}


def executor(kind: Kind):
    """The module that executes a clustering or a grouping."""
    return import_module(kind.executed_by.format(name=kind.name))


def instance(blocks: Mapping[str, TaskPlan], member: Member) -> Instance:
    return blocks[member.task].instances[member.instance]


def description(task: Task, plan: TaskPlan, member: Member) -> Description:
    """What is known of an instance: its kind, the shape of its graph, its sizes, and the numbers of its block."""
    sizes: dict[str, float] = {
        "inputs": sum(plan.inputs),
        "outputs": plan.outputs,
        "support": plan.support,
        "query": plan.query,
        "operations": plan.instances[member.instance].operations,
    }
    for name in type(task).model_fields:
        value = getattr(task, name)
        if isinstance(value, Distribution):
            sizes |= {f"{name}/{place}": number for place, number in enumerate(value.arguments)}
        elif isinstance(value, int | float) and name not in ("instances", "seed"):
            sizes[name] = value
    return Description(f"{task.name}/{getattr(task, 'set', '')}", sizes)


def seconds(operations: int) -> float:
    """What one task is predicted to take."""
    return operations / OPERATIONS_PER_SECOND + SECONDS_PER_TASK


def groups(spec: Spec, lengths: Mapping[str, float]) -> tuple[Group, ...]:
    """The cluster groups that the schedule asks for, from the seconds of each cluster; empty where it asks for none."""
    grouping = getattr(spec.schedule, "groups", None)
    if grouping is None or not lengths:
        return ()
    packed = executor(grouping).groups(grouping, lengths)
    return tuple(Group(clusters=names, seconds=sum(lengths[name] for name in names)) for names in packed)


def with_clusters(
    spec: Spec, tasks: Sequence[TaskPlan], execution: Execution, found: Sequence[ClusterPlan]
) -> Execution:
    """The execution of a spec with clusters: shards of them, as far as they can be told, and their groups."""
    clusters_at_once = at_once(spec, found)
    whole = sum(cluster.operations * cluster.tasks for cluster in found) * clusters_at_once // len(found)
    blocks = {task.name: task for task in tasks}
    of_problems = any(spec.tasks[name].brings_model for name in blocks)
    target = max(SMALLEST_SHARD_OF_PROBLEMS if of_problems else SMALLEST_SHARD, whole // SHARDS)
    shards = tuple(
        shard
        for number, cluster in enumerate(found)
        if cluster.members
        for shard in cut(spec, blocks, cluster, number, cluster.members, 0, target)
    )
    widest = max((shard.count for shard in shards), default=max(min(each.tasks, WIDEST) for each in found))
    chunk = {"chunk": widest, "evaluated": execution.evaluation_chunk} if whole_shards(spec) else {}
    return execution.model_copy(
        update=chunk
        | {
            "mode": "shards",
            "shards": shards,
            "clusters": tuple(found),
            "shard_operations": target,
            "groups": groups(spec, {cluster.name: cluster.seconds for cluster in found}),
        }
    )


def at_once(spec: Spec, found: Sequence[ClusterPlan]) -> int:
    """How many clusters a meta-iteration uses, if none of them is empty."""
    return len(found) if spec.train.clusters == "all" else min(spec.train.clusters, len(found))


def cut_cluster(plan: Plan, number: int, pool: Sequence[Member], iteration: int) -> tuple[Shard, ...]:
    """The shards of cluster `number` of a plan, with the members `pool`; see `cut`."""
    execution = plan.execution
    blocks = {task.name: task for task in plan.tasks}
    return cut(plan.spec, blocks, execution.clusters[number], number, pool, iteration, execution.shard_operations)


def cut(
    spec: Spec,
    blocks: Mapping[str, TaskPlan],
    cluster: ClusterPlan,
    number: int,
    pool: Sequence[Member],
    iteration: int,
    target: int,
) -> tuple[Shard, ...]:
    """The shards of a cluster for trajectories that begin with a meta-iteration.

    number: of the cluster in the plan; pool: its members; target: about the operations of one shard. The tasks of a
    shard are of one block, and of one shape or side by side. A shard's index tells which of all tasks its first one is,
    so that it does not depend on how other clusters are cut.
    """
    chosen = taken(pool, cluster.tasks, spec.train.seed, cluster.name, iteration)
    found: list[Shard] = []
    first = 0
    for task, run in runs(spec, blocks, cluster, pool, chosen):
        whole = sum(instance(blocks, member).operations for member in run)
        for piece in pieces(run, max(-(-whole // target), -(-len(run) // WIDEST))):
            numbers = tuple(member.instance for member in piece) if is_pool(spec.tasks[task]) else ()
            found.append(
                Shard(
                    index=number * cluster.tasks + first,
                    task=task,
                    first=first,
                    count=len(piece),
                    cluster=cluster.name,
                    instances=numbers,
                )
            )
            first += len(piece)
    return tuple(found)


def runs(
    spec: Spec,
    blocks: Mapping[str, TaskPlan],
    cluster: ClusterPlan,
    pool: Sequence[Member],
    chosen: Sequence[Member],
) -> Iterator[tuple[str, tuple[Member, ...]]]:
    """Tasks of one block that may share a shard, and with it a graph.

    A graph of problems is made for the shapes and numbers of its tasks, and compiling it takes as long as hundreds of
    windows. So only those tasks share one that are together in every meta-iteration: as often as each member is taken
    at least, or all where they are alike. The others go alone, in the graph of their shape.
    """
    if not any(spec.tasks[member.task].brings_model for member in pool):
        yield from alike(chosen, lambda member: instance(blocks, member).shape)
        return
    rounds = len(chosen) // len(pool) if cluster.members else 0
    together: tuple[Member, ...]
    rest: tuple[Member, ...]
    if cluster.members and all_alike(blocks, pool):
        together, rest = tuple(chosen), ()
    else:
        together = tuple(member for member in pool for _ in range(rounds))
        left = Counter(chosen) - Counter(together)
        rest = tuple(member for member in pool for _ in range(left[member]))
    yield from alike(together, lambda member: "" if side_by_side(spec) else instance(blocks, member).shape)
    yield from ((member.task, (member,)) for member in rest)


def all_alike(blocks: Mapping[str, TaskPlan], pool: Sequence[Member]) -> bool:
    return len({(member.task, instance(blocks, member).shape) for member in pool}) == 1


def alike(chosen: Sequence[Member], shape: Callable[[Member], str]) -> Iterator[tuple[str, tuple[Member, ...]]]:
    """Tasks of one block and shape, in the order in which these first appear."""
    kinds: dict[tuple[str, str], list[Member]] = {}
    for member in chosen:
        kinds.setdefault((member.task, shape(member)), []).append(member)
    for (task, _), found in kinds.items():
        yield task, tuple(found)


def single_shards(plan: Plan) -> tuple[Shard, ...]:
    """A shard of one instance of each shape of problem that may go alone in a run (see `runs`)."""
    execution, blocks = plan.execution, {task.name: task for task in plan.tasks}
    found: dict[tuple[str, str], Shard] = {}
    for cluster in execution.clusters:
        config = plan.spec.clusters[cluster.block]
        pool = cluster.members or members(plan.spec.tasks, config.tasks)
        if cluster.members and (cluster.tasks % len(pool) == 0 or all_alike(blocks, pool)):
            continue
        for member in pool:
            if plan.spec.tasks[member.task].brings_model:
                shape = instance(blocks, member).shape
                alone = Shard(index=0, task=member.task, first=0, count=1, instances=(member.instance,))
                found.setdefault((member.task, shape), alone)
    return tuple(found.values())


def pieces(run: Sequence[Member], count: int) -> Iterator[Sequence[Member]]:
    """A run cut into `count` pieces of nearly equal size, or as many as it has members."""
    count = max(1, min(count, len(run)))
    first = 0
    for position in range(count):
        length = share(len(run), count, position)
        yield run[first : first + length]
        first += length


def with_instances(spec: Spec, task: TaskPlan, operations: int) -> TaskPlan:
    """The task block with its instances; `operations` are those of a task of a block that is no pool.

    A pool whose instances nothing more is known of keeps a shape to each, so that none of them are stacked.
    """
    if task.instances:
        return task
    pool = is_pool(spec.tasks[task.name])
    count = spec.tasks[task.name].instances if pool else 1
    shapes = [str(number) if pool else "" for number in range(count)]
    return task.model_copy(update={"instances": tuple(Instance(shape=each, operations=operations) for each in shapes)})
