"""How tasks of problem pools are learned: their objectives in the place of a model with a loss."""

import tensorflow as tf

from metaspec.backend.inner import support_gradient
from metaspec.backend.keys import fold
from metaspec.backend.learning import Learning, Start, completed, objective_name, settings
from metaspec.backend.optimizers.layout import by_task
from metaspec.backend.problems import Params
from metaspec.backend.problems.abreast import Draws, abreast
from metaspec.backend.records import Batch, Episode, Measure, Metrics, Tree
from metaspec.backend.records import Problem as Learnable
from metaspec.plan.model import Plan
from metaspec.spec.kind import Problem
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.shapes import Parameter

# Places in a trajectory's stream of random numbers.
MEMORY, START, STEPS = -3, -2, -1
# The one parameter there is where a learned optimizer moves all tensors at once.
ELEMENTS = "elements"


def problem_learning(plan: Plan, configs: tuple[Problem, ...], dtype: tf.DType) -> Learning:
    """The learning of instances of one problem, or of several side by side.

    A learned optimizer finds all tensors on one element axis, (positions, elements); any other method finds them by
    name, each (positions, *shape). The outputs are the metrics, since nobody predicts anything.
    """
    found, inner = abreast(configs), plan.spec.inner
    parameters = parameters_of(configs)
    laid_out = isinstance(inner, LearnedInner)
    names = (ELEMENTS,) if laid_out else tuple(parameter.name for parameter in parameters)
    batches = getattr(inner, "data_batches", 1)
    classifies = all(each.accuracy is not None for each in found.objectives) and all_classify(plan)
    everything = (None,) * len(configs)

    def values(params: Tree) -> tuple[Params, ...]:
        if laid_out:
            return found.values(params[ELEMENTS])
        each = iter(names)
        return tuple(tuple(params[next(each)] for _ in layout.shapes) for layout in found.layouts)

    def tree(values: tuple[Params, ...]) -> Tree:
        if laid_out:
            return {ELEMENTS: found.elements(values)}
        return dict(zip(names, (value for own in values for value in own), strict=True))

    def loss(params: Tree, support: Batch) -> tf.Tensor:
        rows = support.targets.rows if isinstance(support.targets, Draws) else everything
        return found.loss(support.inputs, values(params), rows)

    def predict(params: Tree, inputs: Tree) -> Metrics:
        own = values(params)
        metrics = {"query_loss": found.loss(inputs, own, everything)}
        return metrics | ({"accuracy": found.accuracy(inputs, own)} if classifies else {})

    def problem(order: int) -> Learnable:
        true = support_gradient(loss, names, order)

        def gradient(params: Tree, support: Batch) -> Tree:
            slopes, seen = true(params, support), support.targets
            if not isinstance(seen, Draws):
                return slopes
            if seen.noise is not None:
                slopes = {name: slopes[name] + more for name, more in by_name(seen.noise).items()}
            if seen.kept is not None:
                slopes = {name: slopes[name] * share for name, share in by_name(seen.kept).items()}
            return slopes

        layout = found.layout if laid_out else None
        return Learnable(predict, loss, gradient, names, False, 0, classifies, plan.execution.compiled, layout)

    def by_name(elements: tf.Tensor) -> Tree:
        return {ELEMENTS: elements} if laid_out else tree(found.values(elements))

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        begun = found.start(episode.support.inputs, fold(key, START), tasks, dtype)
        return undrawn(meta, episode, key)._replace(params=tree(begun))

    def undrawn(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        steps = fold(key, STEPS)

        def seen(support: Batch, number: tf.Tensor | int) -> Batch:
            return Batch(support.inputs, found.draws(support.inputs, batches, number, steps, tasks, dtype))

        own = settings(plan, meta, dtype, parameters, fold(key, MEMORY))._replace(batch=seen)
        return Start(own, {}, episode)

    def arranged(episode: Episode) -> Episode:
        return Episode(*(batch._replace(inputs=found.arranged(batch.inputs)) for batch in episode))

    return Learning(
        start,
        problem,
        lambda order: completed(inner, problem(order)),
        Measure(
            lambda outputs, targets: outputs["query_loss"],
            lambda outputs, targets: outputs,
            ("query_loss", "accuracy") if classifies else ("query_loss",),
        ),
        None,
        plan.steps,
        getattr(inner, "tolerance", 0.0),
        classifies,
        particles=plan.execution.particles,
        objective=objective_name(plan.spec),
        plain=True,
        iterations=plan.spec.train.iterations,
        elements=laid_out,
        abreast=None if found.alone else by_task(found.layout),
        arranged=arranged,
        undrawn=undrawn,
    )


def parameters_of(configs: tuple[Problem, ...]) -> tuple[Parameter, ...]:
    """The parameters of all problems; where there are several, each layer's name has its problem's place in front."""
    if len(configs) == 1:
        return configs[0].parameters()
    return tuple(
        parameter.model_copy(update={"layer": f"{place}/{parameter.layer}"})
        for place, config in enumerate(configs)
        for parameter in config.parameters()
    )


def all_classify(plan: Plan) -> bool:
    """Whether all problems have an accuracy: a mean over tasks means nothing where some have none."""
    names = {task.name for task in plan.tasks} | {shard.task for shard in plan.execution.evaluation}
    return all(entry.classifies for name in names for entry in plan.spec.tasks[name].entries())
