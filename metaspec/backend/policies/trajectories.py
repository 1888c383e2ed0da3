"""Trajectories on the task axis: what is sampled, and from what. Nothing is differentiated through an environment."""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from metaspec.backend.keys import fold, normal
from metaspec.backend.records import Tree

# Places in the stream of random numbers of one set of trajectories.
ACTIONS, ENVIRONMENT = 0, 1

# (observations (tasks, trajectories, numbers)) -> means and logarithms of deviations of actions, of broadcastable shapes
Act = Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor]]


class Environment(NamedTuple):
    """The rules of all tasks of an episode, as pure functions of what is random in them.

    `begin(rules, count, key) -> (state, observations)` starts `count` trajectories of each task; observations are
    (tasks, count, numbers). `step(state, actions, number) -> (state, observations, rewards, ended)` takes actions
    (tasks, count, entries) and gives rewards and ended, (tasks, count). `actions` is the number of entries of an action.
    """

    begin: Callable[[Tree, int, tf.Tensor], tuple[Any, tf.Tensor]]
    step: Callable[[Any, tf.Tensor, tf.Tensor], tuple[Any, tf.Tensor, tf.Tensor, tf.Tensor]]
    actions: int


class Draws(NamedTuple):
    """What trajectories are sampled from: the rules of each task, and their random numbers.

    noise: standard normal, (horizon, tasks, trajectories, entries of an action). key: of the environment itself.
    """

    rules: Tree
    noise: tf.Tensor
    key: tf.Tensor


class Trajectories(NamedTuple):
    """Observations and actions (tasks, trajectories, steps, numbers); rewards and `taken` (tasks, trajectories, steps).

    `taken` is 1 for a step that was taken and 0 behind the end of a trajectory, where the reward is 0 too.
    """

    observations: tf.Tensor
    actions: tf.Tensor
    rewards: tf.Tensor
    taken: tf.Tensor


def draws(
    environment: Environment, rules: Tree, tasks: int, count: int, horizon: int, key: tf.Tensor, dtype: tf.DType
) -> Draws:
    """The random numbers of `count` trajectories for each of the tasks."""
    noise = normal(fold(key, ACTIONS), (horizon, tasks, count, environment.actions), dtype)
    return Draws(rules, noise, fold(key, ENVIRONMENT))


def sampled(environment: Environment, act: Act, given: Draws) -> Trajectories:
    """Trajectories under a policy, constants to whoever differentiates."""
    horizon, tasks, count, entries = given.noise.shape
    dtype = given.noise.dtype
    state, observations = environment.begin(given.rules, count, given.key)
    tables = [tf.TensorArray(dtype, horizon, element_shape=shape) for shape in (
        observations.shape, (tasks, count, entries), (tasks, count), (tasks, count)
    )]  # fmt: skip

    def body(number, state, observations, running, tables):
        mean, deviation = act(observations)
        actions = mean + tf.exp(deviation) * given.noise[number]
        state, after, rewards, ended = environment.step(state, actions, number)
        row = (observations, actions, rewards * running, running)
        tables = [table.write(number, value) for table, value in zip(tables, row, strict=True)]
        return number + 1, state, after, running * tf.cast(~ended, dtype), tables

    loop = (tf.constant(0), state, observations, tf.ones((tasks, count), dtype), tables)
    *_, tables = tf.while_loop(lambda number, *_: number < horizon, body, loop, maximum_iterations=horizon)
    found = [tf.stop_gradient(table.stack()) for table in tables]
    return Trajectories(*(tf.transpose(value, (1, 2, 0, *range(3, value.shape.rank))) for value in found))
