"""Meta-gradients: `gradient(config, learning, weights) -> MetaGradient`.

A module whose trajectories go on in the next meta-iteration has `carrying(config, learning, weights)` besides, which
gives a `Carrying`, or None where the config asks for no carry.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.records import Episode, Metrics, Tree

# (meta-parameters, episode, key of the initial parameters, number of the meta-iteration from 0)
# -> (gradient summed over the tasks, metrics of each task)
MetaGradient = Callable[[Tree, Episode, tf.Tensor, tf.Tensor | int], tuple[Tree, Metrics]]


class Carrying(NamedTuple):
    """A meta-gradient of one window of a trajectory, whose state the driver keeps until the next meta-iteration.

    `windows(key) -> int` is how many windows the trajectory that begins with this key has. `begin(meta, episode,
    key)` gives what is carried into the first window, `advance(meta, episode, key, carried, window)` the gradient
    summed over the tasks, the metrics of each task, and what is carried on. The key is that of the meta-iteration at
    which the trajectory began. What is carried has the task axis in front.

    `common` says that shards of one cluster draw together: behind a shard's own key stands that of the whole cluster,
    (2, 2), which is also the one that `windows` is given.
    """

    windows: Callable[[tf.Tensor], int]
    begin: Callable[[Tree, Episode, tf.Tensor], Any]
    advance: Callable[[Tree, Episode, tf.Tensor, Any, tf.Tensor], tuple[Tree, Metrics, Any]]
    common: bool = False
