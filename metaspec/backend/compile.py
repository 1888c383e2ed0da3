"""From a plan to graphs: a shard's meta-gradient, an outer update, a stretch of meta-iterations, an evaluation."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend import prediction, scores
from metaspec.backend import update as outer_update
from metaspec.backend.episodes import cut
from metaspec.backend.executors import executor
from metaspec.backend.keys import fold, stream
from metaspec.backend.learning import Learning, learning, trained
from metaspec.backend.metagrads import Carrying, MetaGradient, warm
from metaspec.backend.metagrads.step_weights import Annealed, Weights
from metaspec.backend.policies.learning import policy_learning
from metaspec.backend.problem_learning import problem_learning
from metaspec.backend.records import Batch, Episode, Metrics, State, TaskFunctions, Tree
from metaspec.backend.statistics import distances
from metaspec.plan.model import Plan, Shard, TaskPlan
from metaspec.spec.kind import Problem
from metaspec.spec.objective import objective_of
from metaspec.spec.values import MultiStep, Weighted


class Parts(NamedTuple):
    """What the graphs are made of."""

    dtype: tf.DType
    learning: Learning
    meta_gradient: MetaGradient | None
    carrying: Carrying | None  # of a metagrad whose trajectories go on in the next meta-iteration
    update: outer_update.Update
    seed: int
    alone: bool  # whether evaluation predicts query items one at a time


def parts(plan: Plan, problems: tuple[Problem, ...] = (), block: TaskPlan | None = None) -> Parts:
    """Of the plan's model with the tasks of a block, its first where none is named, or of problems side by side."""
    dtype, block = tf.as_dtype(plan.spec.train.precision), block or plan.tasks[0]
    learned = learning_of(plan, problems, block, dtype)
    metagrad = plan.spec.metagrad
    module, weights = executor(metagrad), objective_weights(plan)

    def of_queries(learning: Learning) -> Learning:
        return trained(plan.spec.tasks[block.name], learning)

    seen = of_queries(learned)
    carrying = module.carrying(metagrad, seen, weights) if hasattr(module, "carrying") else None
    if plan.spec.train.warm_start:
        carrying = warm.carrying(lambda learning: module.gradient(metagrad, learning, weights), learned, of_queries)
    meta_gradient = None if carrying else module.gradient(metagrad, seen, weights)
    return Parts(dtype, learned, meta_gradient, carrying, updates(plan, dtype), plan.spec.train.seed, alone(plan))


def learning_of(plan: Plan, problems: tuple[Problem, ...], block: TaskPlan, dtype: tf.DType) -> Learning:
    """How a task is learned: an optimisation problem, a policy, or a model with a loss."""
    if problems:
        return problem_learning(plan, problems, dtype)
    if block.loss == "return":
        return policy_learning(plan, dtype)
    return learning(plan, block, dtype)


def updates(plan: Plan, dtype: tf.DType) -> outer_update.Update:
    return (scores if type(plan.spec.outer).scores else outer_update).build(plan, dtype)


def alone(plan: Plan) -> bool:
    """Whether predictions depend on the other items of a batch, and evaluation is not to let them."""
    transductive = any(model.batch_statistics for model in plan.spec.models.values())
    return transductive and not plan.spec.evaluate.transductive


def objective_weights(plan: Plan) -> Weights | None:
    """Of the query loss after each inner step; None where only the last counts."""
    objective = objective_of(plan.spec) if plan.steps > 0 else None
    if objective == "mean":
        return (1.0 / plan.steps,) * plan.steps
    if isinstance(objective, MultiStep):
        return Annealed(plan.steps, round(objective.share * plan.spec.train.iterations))
    return objective.weights if isinstance(objective, Weighted) else None


def arranged(episode: Episode, parts: Parts) -> Episode:
    """An episode as it comes to a worker, as inner loops find it best. To be called outside of them."""
    return parts.learning.arranged(prepared(episode, parts.dtype))


def prepared(episode: Episode, dtype: tf.DType) -> Episode:
    """Images of bytes become numbers in 0..1; other numbers take the precision of the run."""

    def number(values: tf.Tensor) -> tf.Tensor:
        if values.dtype == tf.uint8:
            return tf.cast(values, dtype) / 255
        return tf.cast(values, dtype) if values.dtype.is_floating else values

    def batch(batch: Batch) -> Batch:
        inputs, weights = (tf.nest.map_structure(number, values) for values in (batch.inputs, batch.weights))
        return Batch(inputs, batch.targets, weights)

    return Episode(batch(episode.support), batch(episode.query))


def chunked(
    parts: Parts, meta: Tree, episode: Episode, key: tf.Tensor, chunk: int, iteration: tf.Tensor | int = 0
) -> tuple[Tree, Metrics]:
    """The meta-gradient and the metrics summed over the tasks of an episode, `chunk` tasks at a time, in order.

    `iteration` is the number of the meta-iteration, a tensor wherever one graph serves many of them.
    """
    tasks = episode.support.targets.shape[0]

    def one(first: tf.Tensor | int, count: int) -> tuple[Tree, Metrics]:
        part = arranged(cut(episode, first, count), parts)
        gradient, metrics = parts.meta_gradient(meta, part, fold(key, first), iteration)
        gradient = gradient | distances(parts.learning, meta, part, fold(key, first))
        return gradient, {name: tf.reduce_sum(value) for name, value in metrics.items()}

    if tasks <= chunk:
        return one(0, tasks)
    whole, rest = divmod(tasks, chunk)

    def body(number: tf.Tensor, total):
        found = one(number * chunk, chunk)
        return number + 1, tf.nest.map_structure(tf.add, total, found)

    shapes = tf.nest.map_structure(tf.zeros_like, (meta, metric_zeros(parts)))
    _, total = tf.while_loop(
        lambda number, _: number < whole,
        body,
        (tf.constant(0), shapes),
        parallel_iterations=1,
        maximum_iterations=whole,
    )
    return tf.nest.map_structure(tf.add, total, one(whole * chunk, rest)) if rest else total


def metric_zeros(parts: Parts) -> Metrics:
    return {name: tf.zeros((), parts.dtype) for name in parts.learning.measure.names}


def shard_gradient(parts: Parts, chunk: int, compiled: bool) -> Callable:
    """(meta, episode, key, number of the meta-iteration) -> sums over the shard's tasks."""

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, episode: Episode, key: tf.Tensor, iteration: tf.Tensor) -> tuple[Tree, Metrics]:
        return chunked(parts, meta, episode, key, chunk, iteration)

    return run


def window(parts: Parts, compiled: bool) -> tuple[Callable, Callable]:
    """The two graphs of a carrying metagrad: the start of a trajectory, and one window of it.

    The start of a problem is random numbers and little else, once in many windows: XLA would take longer to compile it
    than all of them take.
    """

    @tf.function(jit_compile=compiled and not parts.learning.plain, autograph=False)
    def begin(meta: Tree, episode: Episode, key: tf.Tensor):
        return parts.carrying.begin(meta, arranged(episode, parts), key)

    @tf.function(jit_compile=compiled, autograph=False)
    def advance(meta: Tree, episode: Episode, key: tf.Tensor, carried, number: tf.Tensor):
        episode = arranged(episode, parts)
        gradient, metrics, carried = parts.carrying.advance(meta, episode, key, carried, number)
        return gradient, {name: tf.reduce_sum(value) for name, value in metrics.items()}, carried

    return begin, advance


def evaluation(parts: Parts, steps: int, compiled: bool) -> Callable:
    """(meta, episode, key) -> metrics (tasks, steps + 1): before adaptation and after each inner step."""
    learning = parts.learning
    method = learning.method(1)

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, episode: Episode, key: tf.Tensor) -> Metrics:
        start = prediction.begin(learning, meta, arranged(episode, parts), key, parts.alone)
        state = method.init(start.settings, start.episode.support, start.params)
        first = prediction.metrics(learning, method, start, prediction.at_step(meta, state, 0), parts.alone)
        tables = {name: tf.pad(value[tf.newaxis], [[0, steps], [0, 0]]) for name, value in first.items()}

        def body(number: tf.Tensor, state: State, tables: Metrics):
            state = method.step(start.settings, state, start.episode.support, number)
            seen = prediction.at_step(meta, state, number + 1)
            found = prediction.metrics(learning, method, start, seen, parts.alone)
            tables = {name: tf.tensor_scatter_nd_update(tables[name], [[number + 1]], [found[name]]) for name in tables}
            return number + 1, state, tables

        loop = (tf.constant(0), state, tables)
        _, _, tables = tf.while_loop(lambda number, *_: number < steps, body, loop, maximum_iterations=steps)
        return {name: tf.transpose(table) for name, table in tables.items()}

    return run


def block(plan: Plan, parts: Parts, tasks: dict[str, TaskFunctions], compiled: bool) -> Callable:
    """block number -> episodes of each shard, (meta-iterations, tasks, ...): all those of a block, drawn at once.

    Drawing them one by one inside the loop of meta-iterations costs a tenth of a small problem's time.
    """
    longest = plan.execution.stretch

    @tf.function(jit_compile=compiled, autograph=False)
    def run(number: tf.Tensor) -> tuple[Episode, ...]:
        key = fold(stream(parts.seed, "tasks/train"), number)

        def draw(shard: Shard) -> Episode:
            flat = tasks[shard.task].sample(fold(key, shard.index), longest * shard.count)
            return tf.nest.map_structure(
                lambda tensor: tf.reshape(tensor, (longest, shard.count, *tensor.shape[1:])), flat
            )

        return tuple(draw(shard) for shard in plan.execution.shards)

    return run


def stretch(plan: Plan, parts: Parts, of: Mapping[str, Parts], compiled: bool) -> Callable:
    """(meta, slots, episodes, first iteration, count) -> (meta, slots, metrics): meta-iterations inside one graph.

    `of` has the parts for the tasks of each block, of which `parts` are those that all blocks have in common.
    The meta-iterations must lie in one block of `plan.execution.stretch`, whose episodes `block` draws; metrics
    have that length, and zeros behind `count`.
    """
    initials = stream(parts.seed, "initial/train")
    shards, longest = plan.execution.shards, plan.execution.stretch

    def total(meta: Tree, iteration: tf.Tensor, episodes: tuple[Episode, ...]) -> tuple[Tree, Metrics]:
        sums = None
        for shard, episode in zip(shards, episodes, strict=True):
            key = fold(fold(initials, iteration), shard.index)
            found = chunked(of[shard.task], meta, episode, key, plan.execution.chunk, iteration)
            sums = found if sums is None else tf.nest.map_structure(tf.add, sums, found)
        return sums

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, slots, episodes: tuple[Episode, ...], first: tf.Tensor, count: tf.Tensor):
        names = [*metric_zeros(parts), "gradient_norm"]
        tables = {name: tf.zeros((longest,), parts.dtype) for name in names}

        def body(done, meta, slots, tables):
            now = tf.nest.map_structure(lambda tensor: tf.gather(tensor, (first + done) % longest), episodes)
            gradient, metrics = total(meta, first + done, now)
            meta, slots, extra = parts.update.apply(meta, slots, gradient, first + done)
            row = {name: value / plan.tasks_per_iteration for name, value in metrics.items()} | extra
            tables = {name: tf.tensor_scatter_nd_update(tables[name], [[done]], [row[name]]) for name in tables}
            return done + 1, meta, slots, tables

        _, meta, slots, tables = tf.while_loop(
            lambda done, *_: done < count, body, (tf.constant(0), meta, slots, tables), parallel_iterations=1
        )
        return meta, slots, tables

    return run
