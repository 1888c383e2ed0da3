"""How tasks of problem pools are learned: their objectives in the place of a model with a loss."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.inner import support_gradient
from metaspec.backend.keys import MEMORY, START, STEPS, fold
from metaspec.backend.learning import Learning, Start, completed, objective_name, settings
from metaspec.backend.optimizers.layout import by_task
from metaspec.backend.problems import Params
from metaspec.backend.problems.abreast import Abreast, Draws, abreast
from metaspec.backend.records import Batch, Episode, Measure, Metrics, Tree
from metaspec.backend.records import Problem as Learnable
from metaspec.plan.model import Plan
from metaspec.spec.kind import Problem
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.shapes import Parameter

# The one parameter there is where a learned optimizer moves all tensors at once.
ELEMENTS = "elements"


class Moved(NamedTuple):
    """The problems' tensors as the inner method moves them.

    A learned optimizer finds all of them on one element axis, (positions, elements); any other method finds them by
    name, each (positions, *shape).
    """

    problems: Abreast
    names: tuple[str, ...]
    on_elements: bool

    def values(self, params: Tree) -> tuple[Params, ...]:
        """Each problem's tensors."""
        if self.on_elements:
            return self.problems.values(params[ELEMENTS])
        each = iter(self.names)
        return tuple(tuple(params[next(each)] for _ in layout.shapes) for layout in self.problems.layouts)

    def tree(self, values: tuple[Params, ...]) -> Tree:
        """The inverse of `values`."""
        if self.on_elements:
            return {ELEMENTS: self.problems.elements(values)}
        return dict(zip(self.names, (value for own in values for value in own), strict=True))

    def of_elements(self, elements: tf.Tensor) -> Tree:
        """Numbers at the elements, such as noise, as the gradient has them."""
        return {ELEMENTS: elements} if self.on_elements else self.tree(self.problems.values(elements))

    def disturbed(self, gradient: Tree, draws: Draws) -> Tree:
        """The gradient with the noise of a step, where it is kept."""
        if draws.noise is not None:
            gradient = {name: gradient[name] + more for name, more in self.of_elements(draws.noise).items()}
        if draws.kept is not None:
            gradient = {name: gradient[name] * share for name, share in self.of_elements(draws.kept).items()}
        return gradient


def problem_learning(plan: Plan, configs: tuple[Problem, ...], dtype: tf.DType) -> Learning:
    """The learning of instances of one problem, or of several side by side.

    The outputs are the metrics, since nobody predicts anything.
    """
    found, inner = abreast(configs), plan.spec.inner
    parameters = parameters_of(configs)
    on_elements = isinstance(inner, LearnedInner)
    names = (ELEMENTS,) if on_elements else tuple(parameter.name for parameter in parameters)
    moved = Moved(found, names, on_elements)
    classifies = all(each.accuracy is not None for each in found.objectives) and evaluated_classify(plan)
    everything = (None,) * len(configs)

    def loss(params: Tree, support: Batch) -> tf.Tensor:
        rows = support.targets.rows if isinstance(support.targets, Draws) else everything
        return found.loss(support.inputs, moved.values(params), rows)

    def predict(params: Tree, inputs: Tree) -> Metrics:
        own = moved.values(params)
        metrics = {"query_loss": found.loss(inputs, own, everything)}
        return metrics | ({"accuracy": found.accuracy(inputs, own)} if classifies else {})

    def problem(order: int) -> Learnable:
        true = support_gradient(loss, names, order)

        def gradient(params: Tree, support: Batch) -> Tree:
            slopes = true(params, support)
            return moved.disturbed(slopes, support.targets) if isinstance(support.targets, Draws) else slopes

        layout = found.layout if on_elements else None
        return Learnable(predict, loss, gradient, names, False, 0, classifies, plan.execution.compiled, layout)

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        begun = found.start(episode.support.inputs, fold(key, START), tasks, dtype)
        return undrawn(meta, episode, key)._replace(params=moved.tree(begun))

    def undrawn(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        own = settings(plan, meta, dtype, parameters, fold(key, MEMORY))
        own = own._replace(batch=drawn(found, getattr(inner, "data_batches", 1), fold(key, STEPS), tasks, dtype))
        return Start(own, {}, episode)

    def arranged(episode: Episode) -> Episode:
        return Episode(*(batch._replace(inputs=found.arranged(batch.inputs)) for batch in episode))

    return Learning(
        start,
        problem,
        lambda order: completed(inner, problem(order)),
        measure(classifies),
        None,
        plan.steps,
        getattr(inner, "tolerance", 0.0),
        classifies,
        particles=plan.execution.particles,
        objective=objective_name(plan.spec),
        plain=True,
        iterations=plan.spec.train.iterations,
        elements=on_elements,
        abreast=None if found.alone else by_task(found.layout),
        arranged=arranged,
        undrawn=undrawn,
    )


def drawn(
    found: Abreast, batches: int, key: tf.Tensor, tasks: int, dtype: tf.DType
) -> Callable[[Batch, tf.Tensor | int], Batch]:
    """What an inner step sees: its draws, from the key of the trajectory's steps, in the place of targets."""

    def seen(support: Batch, number: tf.Tensor | int) -> Batch:
        return Batch(support.inputs, found.draws(support.inputs, batches, number, key, tasks, dtype))

    return seen


def measure(classifies: bool) -> Measure:
    """Of outputs that are the metrics already."""
    return Measure(
        lambda outputs, targets: outputs["query_loss"],
        lambda outputs, targets: outputs,
        ("query_loss", "accuracy") if classifies else ("query_loss",),
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


def evaluated_classify(plan: Plan) -> bool:
    """Whether all problems that are evaluated have an accuracy: a mean over tasks means nothing where some have none.

    A meta-iteration's is that over the tasks which report it.
    """
    names = {shard.task for shard in plan.execution.evaluation}
    return all(entry.classifies for name in names for entry in plan.spec.tasks[name].entries())
