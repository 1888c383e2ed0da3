"""The plan as text for a terminal: what is learned, from what, how it is executed, and why so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from metaspec.plan import drawing
from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.execution import quantity
from metaspec.plan.memory import advice, amount
from metaspec.plan.model import MetaTensor, Plan, TaskPlan
from metaspec.plan.staff import asked, pieces, without_work
from metaspec.resolve.written import to_tree
from metaspec.spec.shapes import Parameter
from metaspec.spec.spec import Spec
from metaspec.syntax import tree
from metaspec.syntax.printer import print_value

_WIDTH = 10  # of the words in front
_LINE = 110
_METRICS = {"mean_squared_error": "mean squared error", "cross_entropy": "cross-entropy", "return": "minus the return"}

# normalisation of a model -> what its predictions are taken from
NORMALISATION = {
    "running": "normalisation trains on the statistics of each batch and predicts with their moving averages",
    "per_step": "normalisation trains on the statistics of each batch and predicts with their moving averages, one for "
    "each inner step",
    "layer": "normalisation is within each item and layer",
    "group": "normalisation is within each item and group of channels",
}
ALONE = (
    "normalisation uses the statistics of the batch; in evaluation each query item is predicted by itself, beside the "
    "support items alone: figures are not transductive"
)
TRANSDUCTIVE = (
    "normalisation uses the statistics of the items predicted together, in training and in evaluation alike: "
    "predictions are transductive, and figures compare only with others of this kind"
)


def render(plan: Plan) -> str:
    """Several lines, the last without a newline."""
    spec = plan.spec
    written = _written(spec)
    rows = [
        (
            "run",
            f"{plan.name}: {spec.train.iterations:_} meta-iterations of {_count(plan.tasks_per_iteration, 'task')}, "
            f"seed {spec.train.seed}, {spec.train.precision} on the {spec.train.device}",
        ),
        *(("task", line) for task in plan.tasks for line in _task(written, task)),
        *(("model", line) for line in _model(plan, written)),
        *(("learned", line) for line in _learned(plan.meta)),
        ("inner", written["inner"]),
        ("metagrad", written["metagrad"]),
        ("outer", written["outer"]),
        ("schedule", written["schedule"]),
        *(("clusters", line) for line in drawing.clusters(plan.execution)),
        *(("runs as", line) for line in (_execution(plan), *plan.reasons, *staffing(plan))),
        *(("cost", line) for line in _cost(plan)),
        *(("evaluate", line) for line in _evaluate(plan)),
        *(("sweep", line) for line in _sweeps(spec)),
    ]
    return "\n".join(_aligned(rows))


def _written(spec: Spec) -> dict[str, str]:
    """Each block with a kind, by its name or keyword, as the language writes it with every default."""
    found = {}
    for block in to_tree(spec, complete=True).items:
        if isinstance(block, tree.Block) and block.kind is not None:
            name = block.name or block.keyword
            fields = tuple(entry for entry in block.entries if isinstance(entry, tree.Field))
            task = spec.tasks.get(name.text)
            if task is not None and not task.trains:
                fields = tuple(map(_without_shares, fields))
            text = print_value(tree.Constructor(block.kind, fields))
            found[name.text] = " ".join(text.split()).removesuffix(" {}")
    return found


def _without_shares(entry: tree.Field) -> tree.Field:
    """`data = ..` without the shares of its items, which `training` tasks alone look at: others divide the classes."""
    if entry.path.text != "data" or not isinstance(entry.value, tree.Constructor):
        return entry
    used = tuple(each for each in entry.value.fields if each.path.text not in ("validation", "test"))
    return replace(entry, value=replace(entry.value, fields=used))


def transductive(spec: Spec) -> bool:
    """Whether a prediction of evaluation depends on the other items that are predicted with it."""
    return any(model.batch_statistics for model in spec.models.values()) and spec.evaluate.transductive


def normalisation(spec: Spec) -> str | None:
    """What normalisation means for the figures of a spec, in a sentence; None for a model without any."""
    if transductive(spec):
        return TRANSDUCTIVE
    if any(model.batch_statistics for model in spec.models.values()):
        return ALONE
    return next(
        (NORMALISATION[each.norm] for each in spec.models.values() if getattr(each, "norm", "") in NORMALISATION), None
    )


def _aligned(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Each word stands before the first of its lines only; long lines go on below themselves."""
    before = ""
    for word, text in rows:
        for line in _wrapped(text):
            yield f"{word if word != before else '':<{_WIDTH}}{line}"
            before = word


def _wrapped(text: str) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        if line.strip() and len(line) + 1 + len(word) > _LINE - _WIDTH:
            yield line
            line = f"  {word}"
        else:
            line = f"{line} {word}" if line else word
    yield line


def _task(written: dict[str, str], task: TaskPlan) -> Iterator[str]:
    yield f"{task.name} = {written[task.name]}"
    if task.loss == "objective":
        shapes = len({instance.shape for instance in task.instances})
        costs = dict.fromkeys(quantity(cost) for cost in sorted(each.operations for each in task.instances))
        yield (
            f"{_count(len(task.instances), 'instance')} of {_count(shapes, 'shape')}, each with its own objective; "
            f"{' to '.join([*costs][:: max(1, len(costs) - 1)])} operations in a meta-iteration"
        )
        return
    yield (
        f"inputs {_shape(task.inputs)}, {_count(task.outputs, 'output')}, {_METRICS[task.loss]}; "
        f"{task.support} support and {task.query} query items"
    )
    if task.classes:
        split = ", ".join(f"{count:_} for {part}" for part, count in task.classes.items())
        yield f"classes: {split}" + (f"; from {task.location}" if task.location else "")


def _model(plan: Plan, written: dict[str, str]) -> Iterator[str]:
    if not plan.spec.models:  # problems bring their own parameters
        return
    for name in plan.spec.models:
        size = sum(parameter.size for parameter in plan.parameters)
        yield f"{name} = {written[name]}: {size:_} parameters in {_count(len(plan.parameters), 'tensor')}"
    for layer in dict.fromkeys(parameter.layer for parameter in plan.parameters):
        yield f"  {layer}: {_tensors(each for each in plan.parameters if each.layer == layer)}"
    found = normalisation(plan.spec)
    if found is not None:
        yield found


def _tensors(parameters: Iterable[Parameter]) -> str:
    return ", ".join(f"{parameter.role} {_shape(parameter.shape)}" for parameter in parameters)


def _learned(meta: tuple[MetaTensor, ...]) -> Iterator[str]:
    """One line for each meta-parameter."""
    for name in dict.fromkeys(tensor.meta_parameter for tensor in meta):
        own = [tensor for tensor in meta if tensor.meta_parameter == name]
        size = sum(tensor.size for tensor in own)
        yield f"{name}: {_count(size, 'number')} in {_count(len(own), 'tensor')}" + (
            ", kept as logarithms" if own[0].scale == "log" else ""
        )


def _execution(plan: Plan) -> str:
    execution = plan.execution
    if execution.mode == "stretches":
        return f"stretches of {execution.stretch} meta-iterations in one compiled graph"
    exchange = exchange_of_weights(plan.spec)
    if exchange:
        return (
            f"{exchange.copies:_} x the meta-model for each meta-iteration, each with "
            f"{_count(exchange.epochs, 'outer update')} from {_count(plan.tasks_per_update, 'task')}, then the merge "
            f"`{exchange.combine.name}`"
        )
    if execution.clusters:
        return (
            f"{_count(len(execution.clusters), 'cluster')} cut into shards of about "
            f"{quantity(execution.shard_operations)} operations at the most, {_count(execution.chunk, 'task')} at a "
            "time inside a graph"
        )
    return (
        f"{_count(len(execution.shards), 'shard')} for each meta-iteration, {_count(execution.chunk, 'task')} "
        "at a time inside a graph"
    )


def staffing(plan: Plan) -> Iterator[str]:
    """How many of the schedule's workers have something to do, and the bytes that pass through the driver."""
    spec, execution = plan.spec, plan.execution
    workers, what = asked(plan), "copies" if exchange_of_weights(plan.spec) else "shards"
    if workers == 1 or execution.mode == "stretches" or execution.clusters:
        return
    busy = min(workers, pieces(plan))
    each = plan.estimate.operations * plan.tasks_per_iteration / busy
    numbers = sum(tensor.size for tensor in plan.meta) * (8 if spec.train.precision == "float64" else 4)
    yield (
        f"{what} for {busy:_} of {workers:_} workers, {quantity(each)} operations for each; the driver sends "
        f"{amount(busy * numbers)} and reads {amount(pieces(plan) * plan.estimate.exchanged)} in a meta-iteration"
    )
    if found := without_work(plan):
        yield found


def _cost(plan: Plan) -> Iterator[str]:
    estimate, tasks = plan.estimate, plan.tasks_per_iteration
    yield (
        f"about {quantity(estimate.operations)} floating-point operations for one task's meta-gradient, "
        f"{quantity(estimate.operations * tasks)} for a meta-iteration"
    )
    yield f"about {amount(estimate.memory)} of memory for the meta-gradient, {amount(estimate.exchanged)} from each shard"
    yield from advice(plan)


def _evaluate(plan: Plan) -> Iterator[str]:
    evaluate, tasks = plan.spec.evaluate, sum(shard.count for shard in plan.execution.evaluation)
    names = " and ".join(task.name for task in plan.evaluated)
    of = f" of {names}, trained on {' and '.join(plan.spec.trained)}" if len(plan.tasks) > 1 else ""
    if evaluate.every:
        yield f"every {evaluate.every:_} meta-iterations on {_count(tasks, f'{evaluate.split} task')}{of}"
    kept = "that evaluated best" if evaluate.keep == "best" and evaluate.every else "of the last meta-iteration"
    yield (
        f"at the end on {_count(tasks, 'test task')}{of}, before adaptation and after each of "
        f"{_count(plan.evaluation_steps, 'inner step')}, with the meta-parameters {kept}"
    )
    for each in plan.spec.expect.conditions if plan.spec.expect else ():
        yield f"expected: {each.metric} {each.relation} {each.bound:g}"


def _sweeps(spec: Spec) -> Iterator[str]:
    """How many points each has, and what of; none is built for it."""
    for name, sweep in spec.sweeps.items():
        if sweep.search is not None:
            found = sweep.search
            yield (
                f"{name}: {_count(found.trials, 'trial')} drawn by `{found.sampler}` to {found.direction} the "
                f"{found.metric} on validation tasks, over {', '.join(each.path for each in found.space)}"
            )
            continue
        axes = " x ".join(f"{len(axis.points):_} of {' and '.join(axis.paths)}" for axis in sweep.axes)
        yield f"{name}: {_count(sweep.size, 'point')}, {axes}"


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _count(number: int, what: str) -> str:
    return f"{number:_} {what}{'' if number == 1 else 's'}"
