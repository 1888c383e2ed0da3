"""Scores of candidates for the meta-parameters, in the place of a meta-gradient.

Candidates travel with the meta-parameters, as `population/KEY` with an axis of candidates in front, and with them the
weights of members that train on, as `members/NAME`. A shard evaluates a part of them; what it returns is zero for the
others, so that the sum over the shards has all.
"""

from typing import Any

import tensorflow as tf

from metaspec.backend.episodes import cut
from metaspec.backend.keys import fold
from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import Carrying
from metaspec.backend.metagrads.particles import abreast, in_turn, player
from metaspec.backend.records import Episode, Metrics, Tree
from metaspec.kinds.metagrads.none import NoGradient

POPULATION, MEMBERS = "population/", "members/"
BEGUN = "begun"  # among the members' weights: 0 before they are, 1 afterwards


def below(meta: Tree, prefix: str) -> Tree:
    """The entries under a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in meta.items() if name.startswith(prefix)}


def carrying(config: NoGradient, learning: Learning, weights: tuple[float, ...] | None) -> Carrying:
    """`advance` gives `scores` and `counted`, (candidates,): sums of objectives, and of tasks with a finite one.

    Keys are pairs: of the tasks, and the number of the shard's first candidate.
    """

    def begin(meta: Tree, episode: Episode, key: tf.Tensor) -> Any:
        return ()

    def advance(
        meta: Tree, episode: Episode, key: tf.Tensor, carried: Any, window: tf.Tensor
    ) -> tuple[Tree, Metrics, Any]:
        tasks, first = episode.support.targets.shape[0], key[1, 0]
        population, members = below(meta, POPULATION), below(meta, MEMBERS)
        whole = next(iter(population.values())).shape[0]
        metas, own = taken(population, first, learning.particles), taken(members, first, learning.particles)

        def task(number: tf.Tensor):
            alone, start = cut(episode, number, 1), fold(key[0], number)
            states = started(learning, alone, start, metas, own)
            played = player(learning, weights, max(1, learning.steps), alone, start)(metas, states, tf.constant(0))
            return played.objective, played.metrics, played.state.params if members else {}

        objectives, metrics, params = in_turn(task, tf.range(tasks), tasks)
        finite = tf.math.is_finite(objectives)
        found = {
            "scores": tf.reduce_sum(tf.where(finite, objectives, tf.zeros_like(objectives)), axis=0),
            "counted": tf.reduce_sum(tf.cast(finite, objectives.dtype), axis=0),
        }
        if members:
            found |= {f"{MEMBERS}{name}": tf.reduce_sum(value, axis=0) for name, value in params.items()}
        share = learning.particles / whole
        return placed(found, first, whole), {n: share * mean_where(v, finite) for n, v in metrics.items()}, ()

    return Carrying(lambda key: 1, begin, advance)


def taken(population: Tree, first: tf.Tensor, count: int) -> Tree:
    rows = first + tf.range(count)
    return {name: tf.gather(value, rows) if value.shape.rank else value for name, value in population.items()}


def placed(parts: Tree, first: tf.Tensor, whole: int) -> Tree:
    """Rows in the place that they have among all candidates, with zeros around them."""
    found = {}
    for name, value in parts.items():
        rows = (first + tf.range(value.shape[0]))[:, tf.newaxis]
        found[name] = tf.scatter_nd(rows, value, (whole, *value.shape[1:]))
    return found


def mean_where(values: tf.Tensor, finite: tf.Tensor) -> tf.Tensor:
    """(tasks, candidates) -> (tasks,): the mean over the candidates with a finite objective, 0 without any."""
    total = tf.reduce_sum(tf.where(finite, values, tf.zeros_like(values)), axis=1)
    return total / tf.maximum(tf.reduce_sum(tf.cast(finite, values.dtype), axis=1), 1)


def started(learning: Learning, episode: Episode, key: tf.Tensor, metas: Tree, members: Tree) -> Any:
    """The states before the first step: at fresh weights, or at those of members that have begun."""
    method = learning.method(1)

    def one(pair: tuple[Tree, Tree]) -> Any:
        meta, weights = pair
        start = learning.start(meta, episode, key)
        params = {
            name: tf.where(members[BEGUN] > 0, weights[name], value) if name in weights else value
            for name, value in start.params.items()
        }
        return method.init(start.settings, start.episode.support, params)

    return abreast(one, (metas, {name: value for name, value in members.items() if name != BEGUN}), learning.wide)
