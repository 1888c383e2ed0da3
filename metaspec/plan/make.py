"""IR -> Plan: the shapes of everything, and how it will be executed."""

from pathlib import Path

from metaspec.data.diagnostic import diagnostic
from metaspec.data.errors import DataError
from metaspec.data.task import locate
from metaspec.diagnostics.model import SpecError
from metaspec.plan.clusters import at_once, clusters, with_clusters, with_instances
from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.execution import choose, evaluation_steps, evaluation_tasks, positions_of
from metaspec.plan.memory import activations, of_shard, sizes
from metaspec.plan.model import Estimate, Plan, TaskPlan
from metaspec.plan.problems import plan_of_problems
from metaspec.spec.kind import CURVED, GRADIENT, Model
from metaspec.spec.meta_tensors import learned_parameters, meta_tensors, statistics_tensors
from metaspec.spec.shapes import Signature
from metaspec.spec.spec import Spec

QUICK_ITERATIONS, QUICK_TASKS = 20, 20

CLUSTERED = (
    "all clusters of a meta-iteration run in parallel with the same meta-parameters: each is cut into shards of one "
    "task block and one shape, by declared operations",
    "cluster groups only place shards on workers; a worker without work of its own takes that of the longest group",
)


def make(spec: Spec, name: str = "spec", beside: Path | None = None, quick: bool = False) -> Plan:
    """The plan of a spec that has passed its checks.

    `beside` is the folder of the spec's file, where relative paths are looked up first. `quick` shortens the run to
    seconds. Raises SpecError where the data cannot be had.
    """
    if quick:
        spec = shortened(spec)
    names = spec.trained
    if any(spec.tasks[each].brings_model for each in names):
        return plan_of_problems(spec, name)
    model = next(iter(spec.models.values()))
    tasks = tuple(task_plan(spec, name, beside) for name in spec.used)
    signature = tasks[0].signature
    parameters = learned_parameters(model, signature, spec.inner)
    steps = spec.inner.steps
    count = tasks_per_iteration(spec)
    meta = meta_tensors(spec, parameters, steps, signature) + statistics_tensors(model.statistics(signature, steps))
    numbers = sum(tensor.size for tensor in meta)
    trained = [task.signature for task in tasks[: len(names)]]
    operations = sum(operations_of(spec, model, each, steps) for each in trained) // len(trained)
    drawn = not any(type(spec.tasks[name]).from_files for name in names)
    execution, reasons = choose(spec, model, count, operations, drawn)
    if spec.clusters:
        tasks = tuple(with_instances(spec, task, operations_of(spec, model, task.signature, steps)) for task in tasks)
        found = clusters(spec, tasks, count)
        execution, count = with_clusters(spec, tasks, execution, found), count * at_once(spec, found)
        reasons = CLUSTERED
    exchange = exchange_of_weights(spec)
    kept = [sizes(spec, activations(model.cost(each), each), parameters, steps) for each in trained]
    memory = max(of_shard(spec, size, numbers, execution, not model.convolves) for size in kept)
    return Plan(
        name=name,
        spec=spec,
        tasks=tasks,
        parameters=parameters,
        meta=meta,
        steps=steps,
        evaluation_steps=evaluation_steps(spec),
        tasks_per_iteration=count * (exchange.updates if exchange else 1),
        execution=execution,
        estimate=Estimate(
            operations=sum(effort(spec, model, each, steps, numbers) for each in trained) // len(trained),
            memory=spec.train.width * memory,
            exchanged=spec.train.width * numbers,
        ),
        reasons=reasons,
    )


def operations_of(spec: Spec, model: Model, signature: Signature, steps: int) -> int:
    """Of one task's meta-gradient by back-propagation through all steps, counted from the model's shapes.

    How meta-iterations are executed is chosen by this, whatever the metagrad, and with it the bits of a run.
    """
    order = getattr(spec.metagrad, "order", 1)
    inner = signature.support * steps * (CURVED if order == 2 else GRADIENT)
    return model.cost(signature).operations * (inner + signature.query * GRADIENT)


def effort(spec: Spec, model: Model, signature: Signature, steps: int, numbers: int) -> int:
    """Of one task's meta-gradient as the spec's metagrad takes it, or of all candidates' scores; about.

    `numbers`: of the meta-parameters.
    """
    support, query = spec.metagrad.passes(steps, numbers)
    if type(spec.outer).scores:
        support, query = (positions_of(spec.outer) * passes for passes in (GRADIENT * steps, 1))
    return model.cost(signature).operations * (support * signature.support + query * signature.query)


def tasks_per_iteration(spec: Spec) -> int:
    if spec.train.tasks is not None:
        return spec.train.tasks
    return 1 if any(spec.tasks[name].trains for name in spec.trained) else 16


def task_plan(spec: Spec, name: str, beside: Path | None) -> TaskPlan:
    """What one task block feeds the model, and where its items lie."""
    task = spec.tasks[name]
    try:
        data = task.found(locate(task.data, beside), spec.parts) if type(task).from_files else None
        signature = task.signature(None) if data is None else None
    except DataError as error:
        raise SpecError((diagnostic(error),)) from error
    found = {}
    if data is not None:
        if data.problems:
            raise SpecError(tuple(diagnostic(problem) for problem in data.problems))
        signature = task.signature_of(data)
        found = {
            "location": str(data.location) if data.location else None,
            "fingerprint": data.table.fingerprint,
            "classes": data.classes,
        }
    return TaskPlan(
        name=name,
        inputs=signature.inputs,
        outputs=signature.outputs,
        loss=signature.loss,
        support=signature.support,
        query=signature.query,
        **found,
    )


def shortened(spec: Spec) -> Spec:
    """The same spec for `--quick`: a few meta-iterations and evaluation tasks, nothing else changed."""
    iterations = min(spec.train.iterations, QUICK_ITERATIONS)
    every = spec.evaluate.every and min(spec.evaluate.every, iterations)
    return spec.model_copy(
        update={
            "train": spec.train.model_copy(update={"iterations": iterations}),
            "evaluate": spec.evaluate.model_copy(
                update={"every": every, "tasks": min(evaluation_tasks(spec), QUICK_TASKS)}
            ),
            "expect": None,
        }
    )
