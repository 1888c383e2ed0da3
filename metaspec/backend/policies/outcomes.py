"""What trajectories amount to: the return, and a surrogate whose gradient is that of the expected return."""

from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.policies.advantages import advantages, returns
from metaspec.backend.policies.gaussian import Gaussian, log_probabilities
from metaspec.backend.policies.trajectories import Trajectories
from metaspec.backend.records import Measure, Metrics


class Sampled(NamedTuple):
    """Trajectories, and the policy that sampled them: constants."""

    trajectories: Trajectories
    policy: Gaussian


class Chosen(NamedTuple):
    """How the logarithm of the probability of the support trajectories differs from that at sampling, (tasks,).

    Its value is 0 where the parameters are those that sampled; its derivative is the score. `compared` weighs each
    trajectory with the mean return of the others of its set: what the return after adaptation is compared with.
    """

    total: tf.Tensor
    compared: tf.Tensor


class Outcome(NamedTuple):
    """Trajectories, and the policy as it depends on the parameters at hand, at their observations.

    `chosen` is of the support trajectories, `()` where their sampling does not count.
    """

    sampled: Sampled
    policy: Gaussian
    chosen: Chosen | tuple[()] = ()


def total_return(found: Trajectories, discount: float) -> tf.Tensor:
    """The mean over trajectories of the discounted sum of rewards, (tasks,)."""
    return tf.reduce_mean(returns(found, discount)[:, :, 0], axis=1)


def differences(outcome: Outcome) -> tf.Tensor:
    """Logarithm of each action's density over that at sampling, 0 behind the end: (tasks, trajectories, steps)."""
    found = outcome.sampled.trajectories
    before = log_probabilities(outcome.sampled.policy, found.actions)
    return (log_probabilities(outcome.policy, found.actions) - before) * found.taken


def chosen(outcome: Outcome, discount: float) -> Chosen:
    """Of the trajectories of one inner step."""
    each = tf.reduce_sum(differences(outcome), axis=2)
    first = returns(outcome.sampled.trajectories, discount)[:, :, 0]
    count = first.shape[1]
    # Without other trajectories there is nothing to compare with that would not depend on the one at hand.
    others = (tf.reduce_sum(first, axis=1, keepdims=True) - first) / max(count - 1, 1) * float(count > 1)
    return Chosen(tf.reduce_sum(each, axis=1), tf.reduce_sum(each * others, axis=1))


def surrogate(outcome: Outcome, discount: float, baseline: str) -> tf.Tensor:
    """Minus the surrogate of the return, (tasks,): sums of density ratios times advantages, means over trajectories.

    At the parameters that sampled, its gradient is minus the policy gradient; away from them it is what Schulman et al.
    2015 (equation 14) bound. What was chosen in the support set is credited with the return after adaptation.
    """
    found = outcome.sampled.trajectories
    gain = tf.exp(differences(outcome)) * advantages(found, discount, baseline)
    total = tf.reduce_mean(tf.reduce_sum(gain, axis=2), axis=1)
    if isinstance(outcome.chosen, Chosen):
        total += outcome.chosen.total * total_return(found, discount) - outcome.chosen.compared
    return -total


def measure(discount: float, baseline: str) -> Measure:
    """Of query trajectories; their return is reported without a discount."""

    def loss(outcome: Outcome, targets: tf.Tensor, weights: tuple[()] = ()) -> tf.Tensor:
        return surrogate(outcome, discount, baseline)

    def metrics(outcome: Outcome, targets: tf.Tensor) -> Metrics:
        reached = total_return(outcome.sampled.trajectories, 1.0)
        return {"query_loss": -reached, "return": reached}

    return Measure(loss, metrics, ("query_loss", "return"))
