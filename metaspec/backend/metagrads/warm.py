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


def carrying(
    gradient: Callable[[Learning], MetaGradient], learning: Learning, trained: Callable[[Learning], Learning]
) -> Carrying:
    """The carrying form of any meta-gradient of whole inner loops, which sees what `trained` makes of the learning.

    Kept statistics are taken from the learning itself, on all query items (see `metaspec.backend.statistics`).
    """

    def begin(meta: Tree, episode: Episode, key: tf.Tensor) -> Tree:
        return learning.start(meta, episode, key).params

    def advance(
        meta: Tree, episode: Episode, key: tf.Tensor, carried: Tree, number: tf.Tensor
    ) -> tuple[Tree, Metrics, Any]:
        own, begun = fold(key, number), begun_at(learning, carried, key)
        slopes, found = gradient(Reporting(*trained(begun)))(meta, episode, own, number)
        slopes = slopes | distances(begun, meta, episode, own)
        metrics = {name: value for name, value in found.items() if not name.startswith(MARK)}
        return slopes, metrics, {name: found[f"{MARK}{name}"] for name in carried}

    return Carrying(lambda key: ENDLESS, begin, advance)


def begun_at(learning: Learning, params: Tree, began: tf.Tensor) -> Learning:
    """The learning whose tasks begin at given parameters, of a trajectory that began with the key `began`.

    Where the head alone is learned, its features are those of the layers below as they were then: the key of a
    meta-iteration would draw others.
    """

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> Start:
        found = learning.start(meta, episode, key)
        seen = learning.start(meta, episode, began).episode if learning.problem(1).in_head else found.episode
        return found._replace(params=params, episode=seen)

    return learning._replace(start=start)
