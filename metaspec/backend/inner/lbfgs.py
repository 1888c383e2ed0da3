"""w <- w - t B grad L(w), B from the last pairs of moves and changes of the gradient (Nocedal 1980)."""

from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.inner import inner_loss, regularised, started, stationarity
from metaspec.backend.inner.search import armijo
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.backend.trees import tree_of, vector
from metaspec.kinds.inner.lbfgs import Lbfgs

# A pair counts where its curvature is at least this share of what its lengths allow.
CURVATURE = 1e-8


class Pairs(NamedTuple):
    """The last pairs, newest last, each (tasks, history, numbers); `weights` 1 / (y . s), 0 for a pair left out."""

    moves: tf.Tensor
    changes: tf.Tensor
    weights: tf.Tensor  # (tasks, history)


def method(config: Lbfgs, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        flat = vector({name: params[name] for name in problem.adapted})
        empty = tf.zeros((flat.shape[0], config.history, flat.shape[1]), flat.dtype)
        return State(params, Pairs(empty, empty, empty[:, :, 0]), started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        values = {name: state.params[name] for name in problem.adapted}

        def at(values: Tree) -> State:
            return state._replace(params={**state.params, **values})

        def loss(values: Tree) -> tf.Tensor:
            return inner_loss(problem, settings, at(values), support, number)

        flat = vector(values)
        slope = vector(regularised(problem, settings, state, support, number))
        direction = -applied(state.memory, slope)
        length = armijo(loss, values, tree_of(direction, values), tf.reduce_sum(slope * direction, axis=1))
        move = length[:, tf.newaxis] * direction
        moved = tree_of(flat + move, values)
        change = vector(regularised(problem, settings, at(moved), support, number)) - slope
        return at(moved)._replace(memory=remembered(state.memory, move, change))

    return InnerMethod(init, step, residual=stationarity(problem))


def applied(pairs: Pairs, slope: tf.Tensor) -> tf.Tensor:
    """B times a vector (tasks, numbers), by the two loops of Nocedal 1980. Without a pair, a step of length one."""
    history = pairs.moves.shape[1]
    shares = [None] * history
    for place in reversed(range(history)):
        shares[place] = pairs.weights[:, place] * tf.reduce_sum(pairs.moves[:, place] * slope, axis=1)
        slope = slope - shares[place][:, tf.newaxis] * pairs.changes[:, place]
    slope = initial_scale(pairs, slope) * slope
    for place in range(history):
        back = pairs.weights[:, place] * tf.reduce_sum(pairs.changes[:, place] * slope, axis=1)
        slope = slope + (shares[place] - back)[:, tf.newaxis] * pairs.moves[:, place]
    return slope


def initial_scale(pairs: Pairs, slope: tf.Tensor) -> tf.Tensor:
    """(s . y) / (y . y) of the newest pair that counts; before there is one 1 / max(1, |gradient|): (tasks, 1)."""
    square = tf.reduce_sum(tf.square(slope), axis=1)
    # Neither root nor quotient has a derivative at 0, where the scale is not used or is 1.
    scale = 1.0 / tf.sqrt(tf.maximum(square, 1.0))
    for place in range(pairs.moves.shape[1]):
        weight = pairs.weights[:, place]
        there = weight > 0
        inverse = weight * tf.reduce_sum(tf.square(pairs.changes[:, place]), axis=1)
        scale = tf.where(there, 1.0 / tf.where(there, inverse, tf.ones_like(inverse)), scale)
    return scale[:, tf.newaxis]


def remembered(pairs: Pairs, move: tf.Tensor, change: tf.Tensor) -> Pairs:
    """The pairs with one more, the oldest dropped. A pair of too little curvature takes a place and counts nothing."""
    inner = tf.reduce_sum(move * change, axis=1)
    lengths = tf.reduce_sum(tf.square(move), axis=1) * tf.reduce_sum(tf.square(change), axis=1)
    counts = inner > CURVATURE * tf.sqrt(tf.stop_gradient(lengths))
    weight = tf.where(counts, 1.0 / tf.where(counts, inner, tf.ones_like(inner)), tf.zeros_like(inner))

    def shifted(old: tf.Tensor, new: tf.Tensor) -> tf.Tensor:
        return tf.concat([old[:, 1:], new[:, tf.newaxis]], axis=1)

    return Pairs(shifted(pairs.moves, move), shifted(pairs.changes, change), shifted(pairs.weights, weight))
