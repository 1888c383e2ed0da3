"""How one task is learned: the inner part of a plan, ready to be differentiated or evaluated."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.batches import by_step, of_query
from metaspec.backend.executors import executor
from metaspec.backend.initial import draw
from metaspec.backend.inner import halting, support_gradient
from metaspec.backend.keys import MEMORY, fold
from metaspec.backend.layers.heads import prototype_head
from metaspec.backend.learned_kinds import augmented, log_probability, loss_of_outputs, replaced, shared, with_shared
from metaspec.backend.losses import measure
from metaspec.backend.optimizers.layout import Groups
from metaspec.backend.records import Batch, Episode, InnerMethod, Measure, Metrics, Network, Problem, State, Tree
from metaspec.backend.settings import Settings, number, setting
from metaspec.backend.weights import loaded, weights
from metaspec.plan.model import Plan, TaskPlan
from metaspec.spec.declared import settings_of
from metaspec.spec.gradient import GradientInner
from metaspec.spec.kind import Inner, Task
from metaspec.spec.objective import objective_of
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.shapes import Parameter
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned, Load, part_of


class Start(NamedTuple):
    """A task before its first inner step: the method's settings, all parameters, and the episode as the method sees it.

    The episode holds features instead of items where `Problem.in_head` holds.
    """

    settings: Settings
    params: Tree
    episode: Episode


class Learning(NamedTuple):
    """The inner part of a plan.

    `start(meta, episode, key)` is where a task begins; `method(order)` the inner method whose gradients can be
    differentiated `order` - 1 times more; `loss(method, settings, state, batch)` the outer objective of one batch,
    (tasks,), penalties included; `metrics(...)` what is reported of it.
    """

    start: Callable[[Tree, Episode, tf.Tensor], Start]
    problem: Callable[[int], Problem]
    method: Callable[[int], InnerMethod]
    measure: Measure
    network: Network
    steps: int
    tolerance: float
    classifies: bool
    wide: bool = True  # whether several sets of weights side by side are faster than one after the other
    particles: int = 0  # of one task in one shard, for meta-gradients from perturbations
    objective: str = "final"  # final, mean, log or weighted
    plain: bool = False  # whether the objective depends on the state of the inner loop alone
    iterations: int = 1  # meta-iterations of the run
    log_probability: Callable[[Tree, int, tf.Tensor], tf.Tensor] | None = None  # see `learned_kinds`
    elements: bool = False  # whether the method's memory lies on element axes (see `metaspec.backend.optimizers`)
    abreast: Groups | None = None  # where several tasks lie side by side on one element axis: whose element each is
    arranged: Callable[[Episode], Episode] = lambda episode: episode  # data as inner loops find them best
    undrawn: Callable[[Tree, Episode, tf.Tensor], Start] | None = None  # `start` without parameters, where those cost

    def around(self, meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        """What goes with the state of a task that has begun: as `start`, whose parameters are not to be looked at."""
        return (self.undrawn or self.start)(meta, episode, key)

    def loss(self, method: InnerMethod, settings: Settings, state: State, batch: Batch) -> tf.Tensor:
        if isinstance(batch.weights, tuple):
            found = self.measure.loss(method.predict(settings, state, batch.inputs), batch.targets)
        else:  # a support set among what is predicted, which only a method without a head of its own does
            outputs = self.problem(1).predict(state.params, batch.inputs, batch.weights)
            found = self.measure.loss(outputs, batch.targets, batch.weights)
        return found if method.penalty is None else found + method.penalty(settings, state)

    def metrics(self, method: InnerMethod, settings: Settings, state: State, batch: Batch) -> Metrics:
        return self.reported(method.predict(settings, state, batch.inputs), state, batch)

    def reported(self, outputs: tf.Tensor, state: State, batch: Batch) -> Metrics:
        return self.measure.metrics(outputs, batch.targets)

    def judged(self, method: InnerMethod, settings: Settings, state: State, query: Batch) -> tuple[tf.Tensor, Metrics]:
        """Objective and metrics of one prediction; asked for apart, a compiled graph would predict twice."""
        outputs = method.predict(settings, state, query.inputs)
        found = self.measure.loss(outputs, query.targets)
        if method.penalty is not None:
            found = found + method.penalty(settings, state)
        return found, self.reported(outputs, state, query)


def learning(plan: Plan, block: TaskPlan, dtype: tf.DType) -> Learning:
    """How the tasks of a block are learned with the plan's model and inner method. The spec has passed its checks."""
    spec, task = plan.spec, plan.spec.tasks[block.name]
    loss, outputs = block.loss, block.outputs
    model, inner = next(iter(spec.models.values())), spec.inner
    network, found = executor(model).build(model, plan.execution.compiled), measure(loss)
    adapted = tuple(p.name for p in plan.parameters if inner.adapts(p))
    in_head = inner.replaces_head or all(name.startswith("head.") for name in adapted)

    def predict(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        return network.head(params, inputs if in_head else network.features(params, inputs, weights))

    of_outputs = loss_of_outputs(inner, found.loss, outputs, plan.execution.compiled)

    def batch_loss(params: Tree, batch: Batch) -> tf.Tensor:
        return of_outputs(params, predict(params, batch.inputs, batch.weights), batch.targets, batch.weights)

    def problem(order: int) -> Problem:
        gradient = support_gradient(batch_loss, adapted, order)
        return Problem(
            predict, batch_loss, gradient, adapted, in_head, outputs, loss == "cross_entropy", plan.execution.compiled
        )

    def method(order: int) -> InnerMethod:
        return completed(inner, problem(order))

    def seen(params: Tree, batch: Batch) -> Batch:
        return batch._replace(inputs=network.features(params, batch.inputs, batch.weights)) if in_head else batch

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        episode = Episode(replaced(task, meta, episode.support), episode.query)
        common = shared(plan, meta, episode.support.targets.shape[0], key)
        params = common | initial(plan, network, meta, common, episode.support, key, dtype)
        own = settings(plan, meta, dtype, plan.parameters, fold(key, MEMORY))._replace(
            batch=augmented(task, meta, by_step(batches(task)[0], key), key),
            shared=common,
            own=lambda step: own_of_step(plan, meta, step, episode.support.targets.shape[0]),
        )
        return Start(own, params, Episode(*(seen(params, batch) for batch in episode)))

    return Learning(
        start,
        problem,
        method,
        found,
        network,
        plan.steps,
        getattr(inner, "tolerance", 0.0),
        loss == "cross_entropy",
        not model.convolves,
        plan.execution.particles,
        objective_name(spec),
        iterations=spec.train.iterations,
        log_probability=log_probability(plan),
        elements=isinstance(inner, LearnedInner),
    )


def objective_name(spec: Spec) -> str:
    """The objective by name; the weights of `weighted` go another way."""
    found = objective_of(spec)
    return found if isinstance(found, str) else "weighted"


def batches(task: Task) -> tuple[int | None, int | None]:
    """Items of one inner step, and of one meta-iteration's objective; None stands for all that a task has."""
    return getattr(task, "batch", None), getattr(task, "query_batch", None)


def trained(task: Task, learning: Learning) -> Learning:
    """The same learning as meta-gradients see it: the objective on a part of a query set that is large."""
    _, count = batches(task)
    if count is None:
        return learning

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        return learning.start(meta, Episode(episode.support, of_query(episode.query, count, key)), key)

    return learning._replace(start=start)


def completed(inner: Inner, problem: Problem) -> InnerMethod:
    """The inner method of a kind, with what it leaves to the model and its tolerance filled in."""
    method = executor(inner).method(inner, problem)
    if method.predict is None:
        method = method._replace(predict=lambda settings, state, inputs: problem.predict(state.params, inputs))
    method = with_shared(method)
    step = method.step
    method = method._replace(
        step=lambda settings, state, support, number: step(
            settings, at_step(settings, state, number), settings.batch(support, number), number
        )
    )
    tolerance = getattr(inner, "tolerance", 0.0)
    if method.residual is None and tolerance > 0 and isinstance(inner, GradientInner):
        raise ValueError(f"`{inner.name}` states no residual, so its steps cannot end at a `tolerance`")
    return halting(method, tolerance) if method.residual is not None and tolerance > 0 else method


def settings(plan: Plan, meta: Tree, dtype: tf.DType, parameters: tuple[Parameter, ...], key: tf.Tensor) -> Settings:
    """The fields of the inner method for a task with these parameters; `key` is that of a learned optimizer's memory."""
    inner = plan.spec.inner
    fields = {name: getattr(inner, name) for name in type(inner).model_fields}
    return Settings(
        {name: setting(fields[name], meta, parameters, dtype) for name in settings_of(type(inner)) if name != "init"},
        lambda name: number(fields[name], meta, dtype),
        weights=weights(plan, meta, dtype),
        key=key,
    )


def initial(
    plan: Plan, network: Network, meta: Tree, common: Tree, support: Batch, key: tf.Tensor, dtype: tf.DType
) -> Tree:
    """Parameters at the first inner step, each (tasks, *shape): the learned ones shared, the others fresh."""
    tasks, init = support.targets.shape[0], plan.spec.inner.init
    values = {parameter.name: part_of(init, parameter) for parameter in plan.parameters}
    params = {
        parameter.name: start_of(values[parameter.name], parameter, fold(key, position), meta, tasks, dtype)
        for position, parameter in enumerate(plan.parameters)
        if values[parameter.name] != "prototypes"
    }
    if len(params) < len(plan.parameters):
        features = network.features(common | params, support.inputs, support.weights)
        head = prototype_head(features, support.targets, plan.tasks[0].outputs, support.weights)
        params |= {name: head[name] for name in values if name not in params}
    return params


def start_of(value, parameter: Parameter, key: tf.Tensor, meta: Tree, count: int, dtype: tf.DType) -> tf.Tensor:
    """One parameter's initial value for each task; that of the first step where each has its own."""
    shape = (count, *parameter.shape)
    if isinstance(value, Learned):
        stored = meta[f"{value.name}/{parameter.name}"]
        return tf.broadcast_to((stored[0] if "step" in value.per else stored)[tf.newaxis], shape)
    if isinstance(value, Load):
        kept = tf.ensure_shape(loaded(f"inner.init/{parameter.name}", value, dtype), parameter.shape)
        return tf.broadcast_to(kept[tf.newaxis], shape)
    return draw(value, parameter.role, shape, parameter.fan_in, parameter.fan_out, key, dtype)


def own_of_step(plan: Plan, meta: Tree, step: tf.Tensor | int, count: int) -> Tree:
    """The parameters that are learned for each inner step, as it has them; steps beyond the last take the last one's."""
    found = {}
    for parameter in plan.parameters:
        value = part_of(plan.spec.inner.init, parameter)
        if isinstance(value, Learned) and "step" in value.per:
            rows = meta[f"{value.name}/{parameter.name}"]
            row = rows[tf.minimum(step, rows.shape[0] - 1)]
            found[parameter.name] = tf.broadcast_to(row[tf.newaxis], (count, *parameter.shape))
    return found


def at_step(settings: Settings, state: State, step: tf.Tensor | int) -> State:
    """The state as an inner step finds it: with that step's own parameters, which its query predictions use too."""
    own = settings.own(step)
    return state._replace(params={**state.params, **own}) if own else state
