"""Persistent evolution strategies (Vicol et al. 2021, algorithm 2).

s <- s + e,    g = mean over particles of (F(m + e) - F(m - e)) s / (2 sigma^2)
"""

from typing import Any, NamedTuple

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
from metaspec.kinds.metagrads.pes import Pes


class Carried(NamedTuple):
    """Of a group: each particle's perturbations summed since the trajectory began, and the states of both signs."""

    sums: Tree
    states: Any


def signs(meta: Tree, noise: Tree) -> Tree:
    return joined(moved(meta, noise), moved(meta, noise, -1.0))


def estimate(config: Pes, play: Play, meta: Tree, noise: Tree, carried: Carried, number: tf.Tensor | int) -> Estimate:
    """One window, from the states and sums of the windows before it."""
    sums = {name: value + noise[name] for name, value in carried.sums.items()}
    played = play(signs(meta, noise), carried.states, number)
    plus, minus = halves(played.objective)
    gradient = weighted(sums, (plus - minus) / (2 * config.sigma**2))
    return Estimate(gradient, played.metrics, Carried(sums, played.state))


def carrying(config: Pes, learning: Learning, weights: tuple[float, ...] | None) -> Carrying:
    """The states begin at the perturbed meta-parameters of the first window."""

    def begin(group: Group, meta: Tree) -> Carried:
        sums = {name: tf.zeros_like(value) for name, value in group.noise.items()}
        return Carried(sums, group.start(signs(meta, group.noise)))

    def advance(group: Group, meta: Tree, carried: Carried, window: tf.Tensor) -> Estimate:
        return estimate(config, group.play, meta, group.noise, carried, window)

    return over_tasks(learning, weights, config.window, config, begin, advance)
