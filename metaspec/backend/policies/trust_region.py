"""What a trust region asks of a shard: the curvature of the divergence, and surrogate and divergence at a candidate.

The trajectories are those of the meta-gradient: they are sampled again from the same keys at the same meta-parameters,
and the inner steps are then replayed on them as functions of other meta-parameters.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.compile import Parts, arranged
from metaspec.backend.episodes import cut
from metaspec.backend.keys import fold
from metaspec.backend.learning import Learning
from metaspec.backend.policies.gaussian import Gaussian, divergence
from metaspec.backend.policies.outcomes import Outcome, Sampled
from metaspec.backend.records import Batch, Episode, Tree


class Recorded(NamedTuple):
    """What was sampled in each inner step, and with the adapted policy."""

    support: tuple[Sampled, ...]
    query: Sampled


class Adaptation(NamedTuple):
    """The inner loop of some tasks: their episode, the key they start with, and the inner steps of training."""

    learning: Learning
    episode: Episode
    key: tf.Tensor
    steps: int


def recorded(adaptation: Adaptation, meta: Tree) -> Recorded:
    """Trajectories sampled along the way from the meta-parameters to the adapted policy."""
    learning = adaptation.learning
    problem, method = learning.problem(1), learning.method(1)
    settings, params, seen = learning.start(meta, adaptation.episode, adaptation.key)
    state, found = method.init(settings, seen.support, params), []
    for number in range(adaptation.steps):
        batch = settings.batch(seen.support, number)
        found.append(problem.predict(state.params, batch.inputs).sampled)
        known = settings._replace(batch=lambda support, number: Batch(found[number], support.targets))
        state = method.step(known, state, seen.support, number)
    return Recorded(tuple(found), method.predict(settings, state, seen.query.inputs).sampled)


def replayed(adaptation: Adaptation, order: int, meta: Tree, record: Recorded) -> Outcome:
    """The adapted policy on what was recorded, as a function of the meta-parameters."""
    method = adaptation.learning.method(order)
    settings, params, seen = adaptation.learning.start(meta, adaptation.episode, adaptation.key)
    settings = settings._replace(batch=lambda support, number: Batch(record.support[number], support.targets))
    state = method.init(settings, seen.support, params)
    for number in range(adaptation.steps):
        state = method.step(settings, state, seen.support, number)
    return method.predict(settings, state, record.query)


def shares(record: Recorded) -> tf.Tensor:
    """What each step of the query trajectories counts in the mean of its task: (tasks, trajectories, steps)."""
    taken = record.query.trajectories.taken
    return taken / tf.reduce_sum(taken, axis=(1, 2), keepdims=True)


def hessian_product(adaptation: Adaptation, order: int, meta: Tree, vector: Tree) -> Tree:
    """The Hessian of the divergence at `meta`, summed over the tasks, times a vector.

    At its minimum the Hessian is J' M J, with J the derivative of the policy's means and log deviations and M the Fisher
    matrix of the Gaussians; J times a vector is computed by differentiating J' u with respect to u.
    """
    record = recorded(adaptation, meta)
    with tf.GradientTape(persistent=True) as forward:
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as back:
            back.watch(meta)
            policy = replayed(adaptation, order, meta, record).policy
        dual = Gaussian(*map(tf.zeros_like, policy))
        forward.watch(dual)
        pulled = back.gradient(policy, meta, dual, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    moved = forward.gradient(pulled, dual, vector, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    weights = shares(record)[..., tf.newaxis]
    inverse = tf.exp(-2.0 * policy.log_deviation)[:, tf.newaxis, tf.newaxis]
    fisher = Gaussian(weights * inverse * moved.mean, 2.0 * moved.log_deviation)
    return back.gradient(policy, meta, fisher, unconnected_gradients=tf.UnconnectedGradients.ZERO)


def comparison(adaptation: Adaptation, order: int, meta: Tree, candidate: Tree) -> Tree:
    """How the loss changes from `meta` to a candidate, and how far the adapted policies diverge, summed over the tasks."""
    record, measure = recorded(adaptation, meta), adaptation.learning.measure
    before, after = (replayed(adaptation, order, at, record) for at in (meta, candidate))
    change = measure.loss(after, ()) - measure.loss(before, ())
    apart = tf.reduce_sum(divergence(before.policy, after.policy) * shares(record), axis=(1, 2))
    return {"change": tf.reduce_sum(change), "divergence": tf.reduce_sum(apart)}


def over_chunks(found: Callable[..., Tree], parts: Parts, steps: int, order: int, compiled: bool) -> Callable:
    """(meta, other, episode, key, chunk) -> `found` summed over all tasks, `chunk` of them at a time in one graph.

    The key is folded inside the graph, as for the meta-gradient: XLA makes other numbers of a key than TensorFlow does.
    """

    @tf.function(jit_compile=compiled, autograph=False)
    def run(meta: Tree, other: Tree, episode: Episode, key: tf.Tensor, first: tf.Tensor) -> Tree:
        adaptation = Adaptation(parts.learning, arranged(episode, parts), fold(key, first), steps)
        return found(adaptation, order, meta, other)

    def of_tasks(meta: Tree, other: Tree, episode: Episode, key: tf.Tensor, chunk: int) -> Tree:
        tasks, total = episode.support.targets.shape[0], None
        for first in range(0, tasks, chunk):
            part = cut(episode, first, min(chunk, tasks - first))
            each = run(meta, other, part, key, tf.constant(first))
            total = each if total is None else tf.nest.map_structure(tf.add, total, each)
        return total

    return of_tasks
