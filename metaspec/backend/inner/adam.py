"""w <- w - lr * m^ / (sqrt(v^ + epsilon_root) + epsilon), Kingma and Ba 2015, algorithm 1."""

from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.inner import moved, regularised, started, stationarity, zeros
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.adam import Adam


class Moments(NamedTuple):
    first: Tree
    second: Tree


def root(value: tf.Tensor) -> tf.Tensor:
    """The square root, with derivative 0 instead of infinity at 0.

    A parameter without a gradient has v = 0; the infinite derivative times a zero would make the meta-gradient NaN.
    """
    positive = value > 0
    return tf.where(positive, tf.sqrt(tf.where(positive, value, tf.ones_like(value))), tf.zeros_like(value))


def method(config: Adam, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        moments = Moments(zeros(params, problem.adapted), zeros(params, problem.adapted))
        return State(params, moments, started(problem, config, params))

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        slopes = regularised(problem, settings, state, support, number)
        lr = settings.at("lr", number)
        first = {n: config.beta1 * state.memory.first[n] + (1 - config.beta1) * g for n, g in slopes.items()}
        second = {n: config.beta2 * state.memory.second[n] + (1 - config.beta2) * g * g for n, g in slopes.items()}
        dtype = next(iter(slopes.values())).dtype
        count = tf.cast(number, dtype) + 1
        unbias1, unbias2 = (
            1 - tf.pow(tf.constant(config.beta1, dtype), count),
            1 - tf.pow(tf.constant(config.beta2, dtype), count),
        )

        def length(name: str) -> tf.Tensor:
            return root(second[name] / unbias2 + config.epsilon_root) + config.epsilon

        steps = {name: lr[name] * (first[name] / unbias1) / length(name) for name in slopes}
        return State(moved(state.params, steps), Moments(first, second), state.start)

    return InnerMethod(init, step, residual=stationarity(problem))
