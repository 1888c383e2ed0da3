"""How the tasks of an environment are learned: a policy in the place of a model with a loss."""

import tensorflow as tf

from metaspec.backend.executors import executor
from metaspec.backend.inner import support_gradient
from metaspec.backend.keys import MEMORY, QUERY, STEPS, fold
from metaspec.backend.learning import Learning, Start, completed, initial, settings
from metaspec.backend.policies.gaussian import Gaussian, log_probabilities
from metaspec.backend.policies.outcomes import Outcome, Sampled, measure
from metaspec.backend.policies.trajectories import Draws, draws, sampled
from metaspec.backend.records import Batch, Episode, Problem, Tree
from metaspec.plan.model import Plan
from metaspec.spec.acting import DEVIATION


def policy_learning(plan: Plan, dtype: tf.DType) -> Learning:
    """The learning of one environment block. What a batch holds are `Draws` to sample with, or what was `Sampled`.

    The parameters decide what is sampled, so `predict` of the problem samples, and has the policy along the way.
    """
    spec = plan.spec
    model, inner, task = next(iter(spec.models.values())), spec.inner, spec.tasks[plan.tasks[0].name]
    network = executor(model).build(model, plan.execution.compiled)
    environment = executor(task).environment(task, dtype)
    adapted = tuple(each.name for each in plan.parameters if inner.adapts(each))
    deviation = f"{DEVIATION}.bias"

    def policy(params: Tree, observations: tf.Tensor) -> Gaussian:
        tasks, count, steps, numbers = observations.shape
        flat = tf.reshape(observations, (tasks, count * steps, numbers))
        mean = network.head(params, network.features(params, flat))
        return Gaussian(tf.reshape(mean, (tasks, count, steps, environment.actions)), params[deviation])

    def predict(params: Tree, inputs: Draws | Sampled, weights: tuple[()] = ()) -> Outcome:
        if isinstance(inputs, Draws):
            fixed = {name: tf.stop_gradient(value) for name, value in params.items()}

            def act(observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
                return network.head(fixed, network.features(fixed, observations)), fixed[deviation][:, tf.newaxis]

            found = sampled(environment, act, inputs)
            now = policy(params, found.observations)
            return Outcome(Sampled(found, Gaussian(*map(tf.stop_gradient, now))), now)
        return Outcome(inputs, policy(params, inputs.trajectories.observations))

    def loss(params: Tree, batch: Batch) -> tf.Tensor:
        """Minus the mean over the steps taken of log pi times what the targets say, (tasks,)."""
        found = batch.inputs.trajectories
        logs = log_probabilities(policy(params, found.observations), found.actions)
        count = tf.reduce_sum(found.taken, axis=(1, 2))
        return -tf.reduce_sum(logs * batch.targets * found.taken, axis=(1, 2)) / count

    def problem(order: int) -> Problem:
        gradient = support_gradient(loss, adapted, order)
        return Problem(predict, loss, gradient, adapted, False, environment.actions, False, plan.execution.compiled)

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        tasks = episode.support.targets.shape[0]
        params = initial(plan, network, meta, {}, episode.support, key, dtype)

        def given(batch: Batch, count: int, place: tf.Tensor) -> Batch:
            return Batch(draws(environment, batch.inputs, tasks, count, task.horizon, place, dtype), batch.targets)

        def seen(support: Batch, number: tf.Tensor | int) -> Batch:
            return given(support, task.shots, fold(fold(key, STEPS), number))

        own = settings(plan, meta, dtype, plan.parameters, fold(key, MEMORY))._replace(batch=seen)
        return Start(own, params, Episode(episode.support, given(episode.query, task.queries, fold(key, QUERY))))

    return Learning(
        start,
        problem,
        lambda order: completed(inner, problem(order)),
        measure(inner.discount, inner.baseline),
        network,
        plan.steps,
        0.0,
        False,
        iterations=spec.train.iterations,
    )
