"""How one task of a problem pool is learned: a problem's objective in the place of a model with a loss."""

from math import gcd
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.inner import support_gradient
from metaspec.backend.keys import fold, uniform
from metaspec.backend.learning import Learning, Start, completed, objective_name, settings
from metaspec.backend.problems import Objective, objective
from metaspec.backend.problems.starts import normals
from metaspec.backend.records import Batch, Episode, Measure, Metrics, Tree
from metaspec.backend.records import Problem as Learnable
from metaspec.plan.model import Plan
from metaspec.spec.kind import Problem
from metaspec.spec.optimizer import LearnedInner

# Places in a trajectory's stream of random numbers; parameters have those from 0 on.
STEPS, START = -1, -2


class Draws(NamedTuple):
    """What a step sees: rows of the data, None for all; noise on the gradient, entries of it that are kept."""

    rows: tf.Tensor | None
    noise: Tree
    kept: Tree


def problem_learning(plan: Plan, config: Problem, dtype: tf.DType) -> Learning:
    """The learning of the instances of one problem. Its outputs are its metrics, since nobody predicts anything."""
    found, inner = objective(config), plan.spec.inner
    parameters = config.parameters()
    names = tuple(parameter.name for parameter in parameters)
    batches = getattr(inner, "data_batches", 1)
    classifies = found.accuracy is not None and all_classify(plan)

    def loss(params: Tree, support: Batch) -> tf.Tensor:
        rows = support.targets.rows if isinstance(support.targets, Draws) else None
        return found.loss(support.inputs, tuple(params[name] for name in names), rows)

    def predict(params: Tree, inputs: Tree) -> Metrics:
        values = tuple(params[name] for name in names)
        metrics = {"query_loss": found.loss(inputs, values, None)}
        return metrics | ({"accuracy": found.accuracy(inputs, values)} if classifies else {})

    def problem(order: int) -> Learnable:
        true = support_gradient(loss, names, order)

        def gradient(params: Tree, support: Batch) -> Tree:
            slopes = true(params, support)
            if isinstance(support.targets, Draws):
                slopes = {name: slope + support.targets.noise.get(name, 0) for name, slope in slopes.items()}
                slopes = {name: slope * support.targets.kept.get(name, 1) for name, slope in slopes.items()}
            return slopes

        return Learnable(predict, loss, gradient, names, False, 0, classifies, plan.execution.compiled)

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        shapes = tuple((tasks, *parameter.shape) for parameter in parameters)
        begun = found.start(episode.support.inputs, fold(key, START), shapes, dtype)

        def seen(support: Batch, number: tf.Tensor | int) -> Batch:
            place = fold(fold(key, STEPS), number)
            return Batch(
                support.inputs, draws(found, batches, support.inputs, names, shapes, number, key, place, dtype)
            )

        own = settings(plan, meta, dtype, parameters, fold(key, STEPS - 2))._replace(batch=seen)
        return Start(own, dict(zip(names, begun, strict=True)), episode)

    measure = Measure(lambda outputs, targets: outputs["query_loss"], lambda outputs, targets: outputs)
    return Learning(
        start,
        problem,
        lambda order: completed(inner, problem(order)),
        measure,
        None,
        plan.steps,
        getattr(inner, "tolerance", 0.0),
        classifies,
        particles=plan.execution.particles,
        objective=objective_name(plan.spec),
        plain=True,
        iterations=plan.spec.train.iterations,
        elements=isinstance(inner, LearnedInner),
    )


def all_classify(plan: Plan) -> bool:
    """Whether all problems have an accuracy: a mean over tasks means nothing where some have none."""
    names = {task.name for task in plan.tasks} | {shard.task for shard in plan.execution.evaluation}
    return all(entry.classifies for name in names for entry in plan.spec.tasks[name].entries())


def draws(
    found: Objective, batches: int, data: Tree, names, shapes, number, key: tf.Tensor, place: tf.Tensor, dtype: tf.DType
) -> Draws:
    """The random numbers of one inner step, from the key of the trajectory and the step's own.

    The gradients of `batches` batches are averaged: that is the gradient of one batch of all their rows, with the
    average of as many draws of noise and of entries that are kept.
    """
    rows = rows_of(found.rows, found.batch * batches, number, key) if found.rows else None
    noise, kept = {}, {}
    for position, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        if "noise" in data:
            deviation = tf.reshape(data["noise"][:, position], (shape[0],) + (1,) * (len(shape) - 1))
            noise[name] = deviation / batches**0.5 * normals(fold(place, 2 * position), shape, dtype)
        if found.zero > 0:
            passed = uniform(fold(place, 2 * position + 1), (batches, *shape), dtype) >= found.zero
            kept[name] = tf.reduce_mean(tf.cast(passed, dtype), axis=0)
    return Draws(rows, noise, kept)


def rows_of(count: int, batch: int, number: tf.Tensor | int, key: tf.Tensor) -> tf.Tensor:
    """The rows of one step: consecutive pieces of an order of all rows that is drawn anew for each pass.

    The order is place -> (a * place + b) mod count with a prime to `count`: every row once, without sorting. A piece
    that would run over the end starts a new pass instead, and the rest is left out.
    """
    batch = min(batch, count)
    each = count // batch
    number = tf.cast(number, tf.int32)
    turn = fold(fold(key, STEPS - 1), number // each)
    prime = tf.constant([step for step in range(1, min(count, 46_000)) if gcd(step, count) == 1], tf.int64)
    drawn = uniform(turn, (2,), tf.float32)
    factor = tf.gather(prime, tf.minimum(tf.cast(drawn[0] * prime.shape[0], tf.int32), prime.shape[0] - 1))
    shift = tf.cast(drawn[1] * count, tf.int64)
    places = tf.range(batch, dtype=tf.int64) + tf.cast(number % each, tf.int64) * batch
    return tf.cast((factor * places + shift) % count, tf.int32)
