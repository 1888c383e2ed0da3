"""Warm starts: the inner solution of a meta-iteration is where the next one begins (Lorraine et al. 2019, section 3).

The meta-gradient is that of a trajectory which starts at given parameters; what they owe to earlier meta-parameters is
not differentiated. Only parameters carry over: what the inner method remembers besides, such as a velocity, begins
anew. Each meta-iteration draws batches of its own.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from metaspec.backend.keys import fold
from metaspec.backend.learning import Learning, Start
from metaspec.backend.metagrads import Carrying, MetaGradient
from metaspec.backend.records import Batch, Episode, Metrics, State, Tree
from metaspec.backend.statistics import distances

ENDLESS = 2**31 - 1  # windows of a trajectory: it never begins anew
MARK = "state/"  # before the names of parameters among the metrics


class Reporting(Learning):
    """A learning whose metrics hold the parameters they were measured at: the last ones of a trajectory."""

    def reported(self, outputs: tf.Tensor, state: State, batch: Batch) -> Metrics:
        found = {f"{MARK}{name}": tf.stop_gradient(value) for name, value in state.params.items()}
        return super().reported(outputs, state, batch) | found


def carrying(gradient: Callable[[Learning], MetaGradient], learning: Learning, whole: Learning) -> Carrying:
    """The carrying form of any meta-gradient of whole inner loops.

    `whole` is the learning that kept statistics are taken from, on all query items (see `metaspec.backend.statistics`).
    """

    def begin(meta: Tree, episode: Episode, key: tf.Tensor) -> Tree:
        return learning.start(meta, episode, key).params

    def advance(
        meta: Tree, episode: Episode, key: tf.Tensor, carried: Tree, number: tf.Tensor
    ) -> tuple[Tree, Metrics, Any]:
        drawn = fold(key, number)
        slopes, found = gradient(Reporting(*begun_at(learning, carried)))(meta, episode, drawn, number)
        slopes = slopes | distances(begun_at(whole, carried), meta, episode, drawn)
        metrics = {name: value for name, value in found.items() if not name.startswith(MARK)}
        return slopes, metrics, {name: found[f"{MARK}{name}"] for name in carried}

    return Carrying(lambda key: ENDLESS, begin, advance)


def begun_at(learning: Learning, params: Tree) -> Learning:
    """The learning whose tasks begin at given parameters."""

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        return learning.start(meta, episode, key)._replace(params=params)

    return learning._replace(start=start)
