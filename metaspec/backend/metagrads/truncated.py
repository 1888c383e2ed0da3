"""Back-propagation through windows of the inner loop, cut from each other (Wichrowska et al. 2017)."""

from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.keys import fold, uniform
from metaspec.backend.learning import Learning
from metaspec.backend.metagrads import Carrying, MetaGradient
from metaspec.backend.metagrads.objectives import window_objective
from metaspec.backend.metagrads.windows import ZERO, differentiated
from metaspec.backend.records import Episode, Metrics, State, Tree
from metaspec.kinds.metagrads.truncated import LONGEST, Truncated

# Places in a trajectory's stream of random numbers; those of parameters and steps lie elsewhere.
WINDOWS, STEPS, TRAJECTORIES = -11, -12, -13


class Carried(NamedTuple):
    """What a trajectory takes into its next window: its state, the losses (tasks,) at its start, its steps so far.

    `saved` is the memory that the next trajectory of a visit begins with, where that is not the state's own.
    """

    state: State
    reference: tf.Tensor
    done: tf.Tensor
    saved: Any = ()


def gradient(config: Truncated, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """All windows in one call, cut from each other; their gradients are added. For `carry = false`."""
    begin, advance = window_functions(config, learning, weights)
    count = windows_of(config, learning)

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        total, metrics, carried = advance(meta, episode, key, begin(meta, episode, key), tf.constant(0))
        if count == 1:
            return total, metrics

        def body(number, total, metrics, carried):
            more, metrics, carried = advance(meta, episode, key, carried, number)
            return number + 1, {name: total[name] + more[name] for name in total}, metrics, carried

        loop = (tf.constant(1), total, metrics, carried)
        _, total, metrics, _ = tf.while_loop(
            lambda number, *_: number < count, body, loop, maximum_iterations=count - 1, parallel_iterations=1
        )
        return total, metrics

    return meta_gradient


def carrying(config: Truncated, learning: Learning, weights: tuple[float, ...] | None) -> Carrying | None:
    """One window for each call, where the trajectory goes on in the next."""
    if not config.carry:
        return None
    begin, advance = window_functions(config, learning, weights)

    def windows(key: tf.Tensor) -> int:
        return int(ends(config, learning, key)[-1])

    return Carrying(windows, begin, advance, common=config.more_windows > 0)


def windows_of(config: Truncated, learning: Learning) -> int:
    """Windows of a trajectory, before any are added by chance."""
    return config.windows or max(1, -(-learning.steps // config.window))


def ends(config: Truncated, learning: Learning, key: tf.Tensor) -> tf.Tensor:
    """The number of the window behind each trajectory of a visit; of one trajectory where memory ends with it."""
    trajectories = config.visit if config.reset == "visit" else 1
    more = exponential(fold(key, WINDOWS), (trajectories,), config.more_windows)
    return tf.cumsum(windows_of(config, learning) + more)


def own_and_common(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The shard's key, and that of the draws it shares with other shards (see `Carrying`)."""
    return (key, key) if key.shape.rank == 1 else (key[0], key[1])


def exponential(key: tf.Tensor, shape: tuple[int, ...], mean: float) -> tf.Tensor:
    """Rounded draws of an exponential distribution."""
    return tf.cast(tf.round(-mean * tf.math.log1p(-uniform(key, shape, tf.float32))), tf.int32)


def window_functions(config: Truncated, learning: Learning, weights: tuple[float, ...] | None):
    """`begin` and `advance` of a `Carrying`."""
    method = learning.method(config.order)
    renews = config.reset == "visit"
    stale = renews and config.saved == "before_last"
    longest = config.window + round(LONGEST * config.more_steps)
    # Windows need not divide the steps evenly: then the last one is shorter.
    even = config.more_steps == 0 and (config.windows is not None or learning.steps % config.window == 0)

    def start(meta: Tree, episode: Episode, key: tf.Tensor) -> tuple[Any, State]:
        begun = learning.start(meta, episode, key)
        return begun, method.init(begun.settings, begun.episode.support, begun.params)

    def loss(meta: Tree, episode: Episode, key: tf.Tensor, state: State) -> tf.Tensor:
        begun = learning.around(meta, episode, key)
        return learning.loss(method, begun.settings, state, begun.episode.query)

    def begin(meta: Tree, episode: Episode, key: tf.Tensor) -> Carried:
        key = fold(own_and_common(key)[0], TRAJECTORIES)
        _, state = start(meta, episode, key)
        saved = tf.nest.map_structure(tf.zeros_like, state.memory) if stale else ()
        return Carried(state, loss(meta, episode, key, state), tf.constant(0), saved)

    def advance(meta: Tree, episode: Episode, key: tf.Tensor, carried: Carried, number: tf.Tensor):
        key, common = own_and_common(key)
        begins = number == 0
        if renews:
            behind = ends(config, learning, common)
            trajectory = tf.reduce_sum(tf.cast(number >= behind, tf.int32))
            begins |= tf.reduce_any(number == behind)
        count = steps_of(key, number, tf.where(begins, 0, carried.done))
        # Each trajectory of a visit starts at a point of its own; the only one of a task is `begin`'s.
        key = fold(fold(key, TRAJECTORIES), trajectory) if renews else fold(key, TRAJECTORIES)

        def fresh(meta: Tree) -> State:
            """The state at the start of a trajectory, memory kept within a visit."""
            if renews or not learning.plain:
                return start(meta, episode, key)[1]
            # Parameters of a problem are drawn, and do not depend on the meta-parameters; where a trajectory begins,
            # they are those of the window's first state.
            begun = learning.around(meta, episode, key)
            return method.init(begun.settings, begun.episode.support, first.params)

        # What starts a trajectory is mostly random numbers, which are most of a graph: it is there only where one begins
        # that is not `begin`'s.
        state, reference, done = carried.state, carried.reference, carried.done
        if stale:
            state = state._replace(memory=pick(begins, carried.saved, state.memory))
        if renews:
            state = chosen(begins, number, fresh(meta), state)
            reference = tf.where(begins, loss(meta, episode, key, state), reference)
            done = tf.where(begins, 0, done)
        first = state

        def step(meta: Tree, state: State, place: tf.Tensor) -> State:
            begun = learning.around(meta, episode, key)
            if config.limit is None:
                return method.step(begun.settings, state, begun.episode.support, done + place)
            now = learning.loss(method, begun.settings, state, begun.episode.query)
            active = tf.math.is_finite(now) & (now <= reference + (config.limit - 1) * tf.abs(reference))
            # A task that is stopped takes its step elsewhere, where nothing can overflow, and stays where it was.
            moved = method.step(
                begun.settings, selected(active, state, first, learning.elements), begun.episode.support, done + place
            )
            return selected(active, moved, state, learning.elements)

        objective = window_objective(config, learning.objective, weights, reference, count, done)
        found = differentiated(
            meta,
            state,
            step,
            lambda meta, state: loss(meta, episode, key, state),
            objective,
            count,
            longest,
            learning.plain,
            learning.abreast,
        )
        total = with_start(meta, found.gradient, fresh, found.start, begins, number)
        if config.l2 > 0:
            tasks = tf.cast(tf.shape(reference)[0], reference.dtype)
            total = {name: value + 2 * config.l2 * tasks * meta[name] for name, value in total.items()}
        if config.repair:
            total = {name: tf.where(tf.math.is_finite(value), value, 0) for name, value in total.items()}
        begun = learning.around(meta, episode, key)
        metrics = learning.metrics(method, begun.settings, found.state, begun.episode.query)
        saved = ()
        if stale:
            last = tf.reduce_any(number + 1 == behind)
            saved = pick(last, carried.saved, found.state.memory)
        return total, metrics, Carried(found.state, reference, done + count, saved)

    def steps_of(key: tf.Tensor, number: tf.Tensor, done: tf.Tensor) -> tf.Tensor | int:
        """Steps of a window."""
        if even:
            return config.window
        if config.more_steps > 0:
            return tf.minimum(
                config.window + exponential(fold(fold(key, STEPS), number), (), config.more_steps), longest
            )
        # Windows that chance has added lie behind the steps of the inner loop, and are whole.
        left = learning.steps - done
        return tf.where(left > 0, tf.minimum(config.window, left), config.window)

    def chosen(begins: tf.Tensor, number: tf.Tensor, new: State, old: State) -> State:
        renewed = begins if config.reset == "trajectory" else number == 0
        return State(
            pick(begins, new.params, old.params),
            pick(renewed, new.memory, old.memory),
            pick(begins, new.start, old.start),
        )

    def with_start(meta, total, fresh, cotangent: State, begins: tf.Tensor, number: tf.Tensor) -> Tree:
        """Adds what the state at the start of a trajectory depends on: learned initial states and weights."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            flat = tf.nest.flatten(fresh(meta))
        nothing = tf.nest.map_structure(tf.zeros_like, cotangent)
        seeds = tf.nest.flatten(chosen(begins, number, cotangent, nothing))
        pulled = tape.gradient(flat, meta, seeds, unconnected_gradients=ZERO)
        return {name: total[name] + pulled[name] for name in total}

    return begin, advance


def pick(condition: tf.Tensor, yes, no):
    """One tree or the other as a whole."""
    return tf.nest.map_structure(lambda one, two: tf.where(condition, one, two), yes, no)


def selected(active: tf.Tensor, yes: State, no: State, elements: bool) -> State:
    """Each task's part of one state or the other. On element axes, the task axis is the one before the last."""

    def one(first: tf.Tensor, second: tf.Tensor, behind: bool) -> tf.Tensor:
        shape = [1] * first.shape.rank
        shape[first.shape.rank - 2 if behind else 0] = active.shape[0]
        return tf.where(tf.reshape(active, shape), first, second)

    def part(first, second, behind: bool):
        return tf.nest.map_structure(lambda one_of, other: one(one_of, other, behind), first, second)

    return State(
        part(yes.params, no.params, False), part(yes.memory, no.memory, elements), part(yes.start, no.start, False)
    )
