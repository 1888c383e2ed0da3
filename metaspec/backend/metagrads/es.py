"""Evolution strategies (Salimans et al. 2017; with windows Metz et al. 2019).

g = mean over particles of (F(m + e) - F(m - e)) e / (2 sigma^2),    e ~ normal(0, sigma^2 I)
"""

from typing import Any

import tensorflow as tf

from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import Carrying
from metaspec.backend.metagrads.particles import (
    Estimate,
    Group,
    Play,
    halves,
    joined,
    moved,
    over_tasks,
    weighted,
)
from metaspec.backend.records import Tree
from metaspec.kinds.metagrads.es import Es


def positions(config: Es, meta: Tree, noise: Tree) -> Tree:
    """The meta-parameters that are evaluated: at every perturbation, then at their opposites where they are used."""
    plus = moved(meta, noise)
    return joined(plus, moved(meta, noise, -1.0)) if config.antithetic else plus


def estimate(config: Es, play: Play, meta: Tree, noise: Tree, states: Any, number: tf.Tensor | int) -> Estimate:
    """One window, from states at `positions`. Both signs of a particle go on from the state of the first."""
    played = play(positions(config, meta, noise), states, number)
    scores = shaped(config, played.objective)
    if config.antithetic:
        plus, minus = halves(scores)
        slopes = (plus - minus) / (2 * config.sigma**2)
        first = halves(played.state)[0]
        state = joined(first, first)
    else:
        # The mean over the others as a baseline: n / (n - 1) times the distance to the mean over all.
        count = scores.shape[0]
        slopes = (scores - tf.reduce_mean(scores)) * (count / (count - 1) / config.sigma**2)
        state = played.state
    return Estimate(weighted(noise, slopes), played.metrics, state)


def shaped(config: Es, scores: tf.Tensor) -> tf.Tensor:
    """The scores themselves, or their ranks in -0.5 .. 0.5; equal scores share the mean of their ranks."""
    if config.shaping == "none":
        return scores
    above, below = (
        tf.cast(better, scores.dtype) for better in (scores[:, tf.newaxis] > scores, scores[:, tf.newaxis] < scores)
    )
    return tf.reduce_sum(above - below, axis=1) / (2 * max(1, scores.shape[0] - 1))


def carrying(config: Es, learning: Learning, weights: tuple[float, ...] | None) -> Carrying:
    """Without a window nothing is carried: a meta-iteration runs whole inner loops, and begins them itself."""

    def states(group: Group, meta: Tree) -> Any:
        return group.start(positions(config, meta, group.noise))

    def begin(group: Group, meta: Tree) -> Any:
        return states(group, meta) if config.window else ()

    def advance(group: Group, meta: Tree, carried: Any, window: tf.Tensor) -> Estimate:
        before = carried if config.window else states(group, meta)
        found = estimate(config, group.play, meta, group.noise, before, window)
        return found if config.window else found._replace(carried=())

    # Ranks and baselines are those of a task's own particles.
    grouped = config.antithetic and config.shaping == "none"
    return over_tasks(learning, weights, config.window or max(1, learning.steps), config, begin, advance, grouped)
