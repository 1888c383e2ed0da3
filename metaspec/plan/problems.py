"""The plan of a spec whose tasks are pools of problems: they bring their own parameters, and there is no model.

Every shard holds instances of one block, of one shape or side by side. Without clusters the blocks trained on
are one cluster, so that who is taken in a meta-iteration is decided in one place.
"""

from math import prod

from metaspec.kinds.clusters.listed import Listed
from metaspec.plan.abreast import WIDEST, side_by_side
from metaspec.plan.clusters import at_once, clusters, with_clusters
from metaspec.plan.execution import (
    EVALUATION_SHARD,
    STRETCH,
    evaluation_steps,
    particles_of,
    perturbing,
    positions_of,
    quantity,
)
from metaspec.plan.memory import Activations, of_shard, sizes
from metaspec.plan.model import Estimate, Execution, Instance, Plan, Shard, TaskPlan
from metaspec.spec.meta_tensors import meta_tensors
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.spec import Spec

# Tasks of a meta-iteration, and held-out instances of each different problem in an evaluation, where the spec is silent.
TASKS, HELD_OUT = 16, 4
# Operations of a learned optimizer for one parameter in one step, counted on the hierarchical one.
OPTIMIZER = 1500
# Passes through a step and its objective: forward, again on the way back, and the way back itself for two.
PASSES = 4
ALL = "tasks"  # the cluster of all blocks, where the spec has none

REASONS = (
    "problems bring their own parameters: instances of equal shape stand on one task axis, and where a learned optimizer "
    "goes through windows those of other shapes lie beside them in the same graph",
    "the instances of a meta-iteration are taken in turn, and cut into shards by declared operations",
)


def plan_of_problems(spec: Spec, name: str) -> Plan:
    """The plan. The spec has passed its checks."""
    names = spec.trained
    tasks = tuple(task_plan(spec, each) for each in spec.used)
    count = spec.train.tasks or TASKS
    steps = spec.inner.steps
    clustered = spec if spec.clusters else spec.model_copy(update={"clusters": {ALL: Listed(tasks=names)}})
    execution = Execution(
        mode="shards",
        stretch=STRETCH,
        chunk=WIDEST,
        shards=(),
        evaluation=evaluation(spec, spec.evaluated),
        compiled=True,
        particles=particles_of(spec),
    )
    found = clusters(clustered, tasks, count)
    execution = with_clusters(clustered, tasks, execution, found)
    entries = [entry for each in names for entry in spec.tasks[each].entries()]
    parameters = entries[0].parameters()
    meta = meta_tensors(spec, parameters, steps)
    operations = max(instance.operations for task in tasks[: len(names)] for instance in task.instances)
    numbers = sum(tensor.size for tensor in meta)
    own = [sizes(spec, Activations(0, 0), entry.parameters(), steps) for entry in entries]
    memory = max(of_shard(spec, size, numbers, execution) for size in own)
    return Plan(
        name=name,
        spec=clustered,
        tasks=tasks,
        parameters=parameters,
        meta=meta,
        steps=steps,
        evaluation_steps=evaluation_steps(spec),
        tasks_per_iteration=count * at_once(clustered, found),
        execution=execution,
        estimate=Estimate(
            operations=operations,
            memory=spec.train.width * memory,
            exchanged=spec.train.width * numbers,
        ),
        reasons=(*REASONS, f"the most expensive task is {quantity(operations)} operations in a meta-iteration"),
    )


def task_plan(spec: Spec, name: str) -> TaskPlan:
    """A pool: nothing is fed to a model; each instance has the text of its graph for a shape, and a cost."""
    task = spec.tasks[name]
    steps = getattr(spec.metagrad, "window", None) or spec.inner.steps
    optimizer = OPTIMIZER if isinstance(spec.inner, LearnedInner) else 10
    found = []
    for entry in task.entries():
        elements = sum(prod(parameter.shape) for parameter in entry.parameters())
        found.append(
            Instance(shape=entry.graph, operations=passes(spec) * steps * (entry.operations() + optimizer * elements))
        )
    instances = tuple(found[number % len(found)] for number in range(task.instances))
    return TaskPlan(name=name, inputs=(), outputs=0, loss="objective", support=0, query=0, instances=instances)


def passes(spec: Spec) -> int:
    """Through each step of a task: there and back, or once for every particle and its opposite."""
    return positions_of(perturbing(spec)) if particles_of(spec) else PASSES


def evaluation(spec: Spec, names: tuple[str, ...]) -> tuple[Shard, ...]:
    """Held-out instances of each block in equal shares, the shapes in the order they appear."""
    found: list[Shard] = []
    for position, name in enumerate(names):
        task = spec.tasks[name]
        given = spec.evaluate.tasks
        share = (
            HELD_OUT * len(task.entries()) if given is None else given // len(names) + (position < given % len(names))
        )
        by_shape: dict[str, list[int]] = {}
        for number in range(share):
            shape = "" if side_by_side(spec) else task.entry(number).graph
            by_shape.setdefault(shape, []).append(number)
        first = 0
        for numbers in by_shape.values():
            for start in range(0, len(numbers), EVALUATION_SHARD):
                piece = tuple(numbers[start : start + EVALUATION_SHARD])
                found.append(Shard(index=len(found), task=name, first=first, count=len(piece), instances=piece))
                first += len(piece)
    return tuple(found)
