"""Trajectories that go on in the next meta-iteration: one window of those of a shard, as functions of arrays.

What a shard carries are the leaves of its state by number, `trajectory`: the meta-iteration at which its trajectories
began, how many of their windows are done, and how many there are, (3,) int32; and of a pool its `instances`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from metaspec.backend.arrays import Arrays
from metaspec.backend.compile import Parts
from metaspec.backend.records import Episode, Metrics, Tree
from metaspec.plan.model import Shard


class Unit(NamedTuple):
    """Compiled graphs by name, and what they are made of."""

    parts: Parts
    graphs: dict[str, Callable]


class Shards(Protocol):
    """What a window needs of the program that it is computed with: the data, keys and graphs of shards."""

    parts: Parts
    structures: dict[Callable, Any]

    def unit(self, shard: Shard) -> Unit:
        """What executes the shard."""

    def episode(self, split: str, iteration: int, shard: Shard) -> Episode:
        """The shard's tasks of a meta-iteration."""

    def key(self, name: str, iteration: int, shard: Shard) -> tf.Tensor:
        """The key of a stream of random numbers for the shard."""

    def keys(self, began: int, shard: Shard) -> tf.Tensor:
        """The key of trajectories that began with a meta-iteration, and of what is drawn besides."""


def advance(
    program: Shards, meta: Tree, iteration: int, shard: Shard, carried: Arrays | None
) -> tuple[Tree, Metrics, Arrays]:
    """One window of a shard's trajectories, which begin anew where the last ones have ended.

    Returns the meta-gradient and the metrics, both summed over the shard's tasks, and what the shard carries on. With a
    `trajectory` of which no window is done nothing else need be carried: it says when to begin, and for how long. Raises
    ValueError where what is carried belongs to other instances.
    """
    graphs = program.unit(shard).graphs
    began, done, total = carried["trajectory"].tolist() if carried else (iteration, 0, 0)
    if done == total:
        began, done = iteration, 0
        # The key of the trajectory itself: a metagrad may draw within it where its parts end.
        total = program.parts.carrying.windows(program.key("initial/train", began, whole(shard)))
    episode, key = program.episode("train", began, shard), program.keys(began, shard)
    if done == 0:
        state = graphs["begin"](meta, episode, key)
    else:
        same(shard, carried)
        like = structure(program.structures, graphs["begin"], meta, episode, key)
        leaves = [tf.constant(carried[str(place)]) for place in range(len(tf.nest.flatten(like)))]
        state = tf.nest.pack_sequence_as(like, leaves)
    gradient, metrics, state = graphs["advance"](meta, episode, key, state, tf.constant(done))
    carried = {str(place): np.asarray(leaf) for place, leaf in enumerate(tf.nest.flatten(state))}
    carried |= {"trajectory": np.array([began, done + 1, total], np.int32)}
    if shard.instances:
        carried |= {"instances": np.array(shard.instances, np.int32)}
    return gradient, metrics, carried


def same(shard: Shard, carried: Arrays) -> None:
    """Raises ValueError where carried arrays are not of the instances of a shard, with whose data they would go on."""
    began_with = tuple(carried["instances"].tolist()) if "instances" in carried else ()
    if began_with != shard.instances:
        raise ValueError(
            f"shard {shard.index} of `{shard.task}` has the instances {shard.instances}, "
            f"and its trajectories began with {began_with}"
        )


def structure(known: dict[Callable, Any], begin: Callable, meta: Tree, episode: Episode, key: tf.Tensor) -> Any:
    """The structure of what `begin` returns, kept in `known`: asking the function each time costs more than a window."""
    if begin not in known:
        known[begin] = begin.get_concrete_function(meta, episode, key).structured_outputs
    return known[begin]


def whole(shard: Shard) -> Shard:
    """What stands for the whole cluster of a shard; all of its trajectories are of one length."""
    return shard if shard.cluster is None else shard.model_copy(update={"index": shard.index - shard.first})
