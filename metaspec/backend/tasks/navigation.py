"""A point in the plane seeks a goal: everything inside the graph."""

import tensorflow as tf

from metaspec.backend.keys import transform, uniform
from metaspec.backend.policies.trajectories import Environment
from metaspec.backend.records import Batch, Episode, TaskFunctions, Tree
from metaspec.kinds.tasks.navigation import Navigation


def functions(config: Navigation, dtype: tf.DType) -> TaskFunctions:
    """A task is its goal, (tasks, 2), in support and query alike."""

    def sample(key: tf.Tensor, count: int) -> Episode:
        goals = transform(uniform(key, (count, 2), dtype), config.goals)
        batch = Batch({"goal": goals}, tf.range(count))
        return Episode(batch, batch)

    return TaskFunctions(sample=sample)


def environment(config: Navigation, dtype: tf.DType) -> Environment:
    """The state is the goal and the positions, (tasks, trajectories, 2)."""

    def begin(rules: Tree, count: int, key: tf.Tensor):
        goals = rules["goal"][:, tf.newaxis]
        places = tf.zeros((goals.shape[0], count, 2), dtype)
        return (goals, places), places

    def step(state, actions: tf.Tensor, number: tf.Tensor):
        goals, places = state
        places += config.speed * tf.clip_by_value(actions, -1.0, 1.0)
        squares = tf.reduce_sum(tf.square(places - goals), axis=-1)
        return (goals, places), places, -squares, squares <= config.radius**2

    return Environment(begin, step, 2)
