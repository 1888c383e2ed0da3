"""Evaluations at perturbed meta-parameters: the part that `es` and `pes` share.

A particle is a perturbation of every tensor of the meta-parameters, as they are stored (a logarithm where their scale
is log). Each task has particles of its own. All particles of a task run side by side on an axis of their own, in front
of the task axis, over the same data, initial weights and batches. Where they are few, those of several tasks share one
axis: a group. Positions of an axis are then sign by sign, task by task, particle by particle.

The noise of a particle is drawn from (trajectory, task, particle, window) alone, so it is the same wherever the
particle runs. Inner steps are only ever evaluated, never differentiated.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend.episodes import cut
from metaspec.backend.keys import fold, normal
from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import Carrying
from metaspec.backend.records import Episode, Metrics, Tree
from metaspec.backend.vectorized import vectorized_map
from metaspec.kinds.metagrads.es import Es
from metaspec.kinds.metagrads.pes import Pes
from metaspec.plan.memory import ABREAST

EPSILON = 1e-6  # of the objective `log`


class Played(NamedTuple):
    """What positions of the particle axis reached: objectives (positions,), metrics (positions,), states."""

    objective: tf.Tensor
    metrics: Metrics
    state: Any


class Estimate(NamedTuple):
    """Of a group: its tasks' mean gradient, metrics at each position, and what is carried into the next window."""

    gradient: Tree
    metrics: Metrics
    carried: Any


# (meta-parameters, states, window), both with the particle axis in front -> Played
Play = Callable[[Tree, Any, tf.Tensor], Played]


def noise(meta: Tree, key: tf.Tensor, count: int, window: tf.Tensor | int, sigma: float) -> Tree:
    """Independent normal numbers of deviation sigma for each particle of a task: (count, *shape) for each tensor."""
    return noises(meta, key[tf.newaxis], count, window, sigma)


def noises(meta: Tree, keys: tf.Tensor, count: int, window: tf.Tensor | int, sigma: float) -> Tree:
    """The same for several tasks, one behind the other: (tasks * count, *shape)."""
    sizes = [value.shape.num_elements() for value in meta.values()]
    dtype, total = next(iter(meta.values())).dtype, keys.shape[0] * count

    def one(number: tf.Tensor) -> tf.Tensor:
        own = fold(fold(keys[number // count], number % count), window)
        return normal(own, (sum(sizes),), dtype)

    drawn = sigma * tf.map_fn(one, tf.range(total), fn_output_signature=tf.TensorSpec((sum(sizes),), dtype))
    parts = tf.split(drawn, sizes, axis=1)
    return {
        name: tf.reshape(part, (total, *value.shape)) for (name, value), part in zip(meta.items(), parts, strict=True)
    }


def started(learning: Learning, episode: Episode, key: tf.Tensor, metas: Tree, particles: int = 0) -> Any:
    """The states before the first inner step at each of the meta-parameters on the particle axis.

    key: of the task, (2,), or with `particles` of each the keys of all tasks of the group, (tasks, 2).
    """
    method = learning.method(1)

    def one(meta: Tree, episode: Episode, key: tf.Tensor) -> Any:
        start = learning.start(meta, episode, key)
        return method.init(start.settings, start.episode.support, start.params)

    return at_positions(one, metas, episode, key, particles, learning.wide)


def at_positions(function, structure: Any, episode: Episode, key: tf.Tensor, particles: int, wide: bool) -> Any:
    """`function(part, episode, key)` at each position of a group's particle axis, with its own task's episode and key."""
    if key.shape.rank == 1:
        return abreast(lambda part: function(part, episode, key), structure, wide)
    tasks, count = key.shape[0], tf.nest.flatten(structure)[0].shape[0]
    task = np.arange(count) // particles % tasks
    leaves = tf.nest.flatten(episode)
    own = [place for place, leaf in enumerate(leaves) if leaf.shape[0] == tasks]  # the others all tasks share

    def one(given: tuple[Any, list[tf.Tensor], tf.Tensor]) -> Any:
        part, parts, key = given
        seen = list(leaves)
        for place, leaf in zip(own, parts, strict=True):
            seen[place] = leaf[tf.newaxis]
        return function(part, tf.nest.pack_sequence_as(episode, seen), key)

    return abreast(one, (structure, [tf.gather(leaves[place], task) for place in own], tf.gather(key, task)), wide)


def moved(meta: Tree, steps: Tree, sign: float = 1.0) -> Tree:
    """The meta-parameters at each particle: (count, *shape)."""
    return {name: value[tf.newaxis] + sign * steps[name] for name, value in meta.items()}


def joined(first: Any, second: Any) -> Any:
    """Two structures one behind the other on the particle axis."""
    return tf.nest.map_structure(lambda one, other: tf.concat([one, other], axis=0), first, second)


def halves(structure: Any) -> tuple[Any, Any]:
    """The inverse of `joined` for two structures of one size."""
    first = tf.nest.map_structure(lambda value: value[: value.shape[0] // 2], structure)
    return first, tf.nest.map_structure(lambda value: value[value.shape[0] // 2 :], structure)


def weighted(steps: Tree, weights: tf.Tensor) -> Tree:
    """The mean over the particles of weight times perturbation: a tensor for each meta-parameter."""
    count = weights.shape[0]
    return {name: tf.tensordot(weights, value, 1) / count for name, value in steps.items()}


def player(
    learning: Learning,
    weights: tuple[float, ...] | None,
    window: int,
    episode: Episode,
    key: tf.Tensor,
    particles: int = 0,
) -> Play:
    """Evaluates one window of an inner loop, at most `window` steps of `learning.steps`, of one task or a group.

    The objective of a window is its share of the trajectory's times the number of windows, so that the mean over the
    windows is the trajectory's. `log` is the mean over the steps of log(f_t / f_0), with 1e-6 added to both; what is
    subtracted belongs to the first window. Metrics are those at the window's end.
    """
    method, count = learning.method(1), windows(learning.steps, window)
    logarithmic = learning.objective == "log"
    if logarithmic:
        weights = (1.0 / max(1, learning.steps),) * max(1, learning.steps)

    def one(meta: Tree, state: Any, first: tf.Tensor, episode: Episode, key: tf.Tensor) -> Played:
        start = learning.around(meta, episode, key)
        settings, support, query = start.settings, start.episode.support, start.episode.query
        dtype = next(iter(meta.values())).dtype
        table = None if weights is None else tf.constant(weights, dtype)
        end = tf.minimum(first + window, learning.steps)

        def loss(state) -> tf.Tensor:
            found = learning.loss(method, settings, state, query)
            return tf.reduce_sum(tf.math.log(found + EPSILON) if logarithmic else found)

        def body(number, state, total):
            state = method.step(settings, state, support, number)
            return number + 1, state, total if table is None else total + table[number] * loss(state)

        total = tf.where(first == 0, -loss(state), tf.zeros((), dtype)) if logarithmic else tf.zeros((), dtype)
        _, state, total = tf.while_loop(
            lambda number, *_: number < end, body, (first, state, total), maximum_iterations=window
        )
        if table is None:
            total = tf.where(end == learning.steps, loss(state), tf.zeros((), dtype))
        metrics = learning.metrics(method, settings, state, query)
        metrics = {name: tf.reduce_sum(value) for name, value in metrics.items()}
        return Played(count * total, metrics, state)

    def play(metas: Tree, states: Any, number: tf.Tensor) -> Played:
        first = tf.cast(number, tf.int32) * window
        return at_positions(
            lambda pair, episode, key: one(*pair, first, episode, key),
            (metas, states),
            episode,
            key,
            particles,
            learning.wide,
        )

    return play


def windows(steps: int, window: int) -> int:
    return max(1, -(-steps // window))


class Group(NamedTuple):
    """Tasks of a shard whose particles share one axis: the noise, (tasks * particles, ...), where they begin, the play."""

    noise: Tree
    start: Callable[[Tree], Any]  # the states before the first step at the meta-parameters on the particle axis
    play: Play


def over_tasks(
    learning: Learning,
    weights: tuple[float, ...] | None,
    window: int,
    config: Es | Pes,
    begin: Callable[[Group, Tree], Any],
    advance: Callable[[Group, Tree, Any, tf.Tensor], Estimate],
    grouped: bool = True,
) -> Carrying:
    """A carrying meta-gradient from what happens to a group, for the groups of a shard one after the other.

    Keys are pairs, (2, 2): of the tasks, and of the shard's particles. `grouped` says that the estimates of several
    tasks may be taken as one, their mean.
    """
    particles, signs = learning.particles, 2 if getattr(config, "antithetic", True) else 1
    share = particles / config.particles

    def size(tasks: int) -> int:
        """Tasks of a group."""
        most = max(1, ABREAST // (signs * particles)) if grouped and learning.wide else 1
        return next(size for size in range(min(most, tasks), 0, -1) if tasks % size == 0)

    def group(meta: Tree, episode: Episode, key: tf.Tensor, number: tf.Tensor, at: tf.Tensor | int) -> Group:
        count = size(episode.support.targets.shape[0])
        tasks = number * count + tf.range(count)
        steps = noises(meta, fold_each(key[1], tasks), particles, at, config.sigma)
        seen, own = cut(episode, number * count, count), fold_each(key[0], tasks)
        if count == 1:
            own = own[0]
        return Group(
            steps,
            lambda metas: started(learning, seen, own, metas, particles),
            player(learning, weights, window, seen, own, particles),
        )

    def begin_all(meta: Tree, episode: Episode, key: tf.Tensor) -> Any:
        tasks = episode.support.targets.shape[0]
        groups = tasks // size(tasks)
        return in_turn(lambda number: begin(group(meta, episode, key, number, 0), meta), tf.range(groups), groups)

    def advance_all(meta: Tree, episode: Episode, key: tf.Tensor, carried: Any, at: tf.Tensor):
        tasks = episode.support.targets.shape[0]
        count = size(tasks)
        found = in_turn(
            lambda pair: advance(group(meta, episode, key, pair[0], at), meta, pair[1], at),
            (tf.range(tasks // count), carried),
            tasks // count,
        )
        gradient = {name: count * share * tf.reduce_sum(value, axis=0) for name, value in found.gradient.items()}
        metrics = {
            name: share * tf.reshape(tf.reduce_mean(tf.reshape(value, (-1, signs, count, particles)), [1, 3]), (tasks,))
            for name, value in found.metrics.items()
        }
        return gradient, metrics, found.carried

    return Carrying(lambda key: windows(learning.steps, window), begin_all, advance_all)


def fold_each(key: tf.Tensor, numbers: tf.Tensor) -> tf.Tensor:
    """(count,) numbers -> keys (count, 2)."""
    return in_turn(lambda number: fold(key, number), numbers, numbers.shape[0])


def abreast(function: Callable, structure: Any, wide: bool) -> Any:
    """`function` at every position of the leading axis: side by side, in blocks of equal size, or one after the other.

    A model that convolves is faster with one set of weights at a time.
    """
    count = tf.nest.flatten(structure)[0].shape[0]
    block = next(size for size in range(min(ABREAST, count), 0, -1) if count % size == 0) if wide else 1
    if block == count > 1:
        return vectorized_map(function, structure)
    cut = tf.nest.map_structure(lambda value: tf.reshape(value, (count // block, block, *value.shape[1:])), structure)

    def several(part: Any) -> Any:
        if block > 1:
            return vectorized_map(function, part)
        alone = function(tf.nest.map_structure(lambda value: value[0], part))
        return tf.nest.map_structure(lambda value: value[tf.newaxis], alone)

    found = in_turn(several, cut, count // block)
    return tf.nest.map_structure(lambda value: tf.reshape(value, (count, *value.shape[2:])), found)


def in_turn(function: Callable, structure: Any, count: int) -> Any:
    """`function` at each position of the leading axis, one after the other, stacked."""

    def at(number: tf.Tensor | int) -> Any:
        return function(tf.nest.map_structure(lambda value: value[number], structure))

    first = at(0)
    if count == 1:
        return tf.nest.map_structure(lambda value: value[tf.newaxis], first)
    leaves = tf.nest.flatten(first)
    arrays = [tf.TensorArray(leaf.dtype, count, element_shape=leaf.shape).write(0, leaf) for leaf in leaves]

    def body(number: tf.Tensor, arrays):
        found = tf.nest.flatten(at(number))
        return number + 1, [array.write(number, leaf) for array, leaf in zip(arrays, found, strict=True)]

    _, arrays = tf.while_loop(
        lambda number, _: number < count,
        body,
        (tf.constant(1), arrays),
        parallel_iterations=1,
        maximum_iterations=count - 1,
    )
    stacked = [tf.ensure_shape(array.stack(), (count, *leaf.shape)) for array, leaf in zip(arrays, leaves, strict=True)]
    return tf.nest.pack_sequence_as(first, stacked)
