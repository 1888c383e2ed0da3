"""gymnasium environments: stepped in Python by the worker, one call of the graph for each step of all trajectories."""

from itertools import count as numbers

import gymnasium
import numpy as np
import tensorflow as tf

from metaspec.backend.keys import transform, uniform
from metaspec.backend.policies.trajectories import Environment
from metaspec.backend.records import Batch, Episode, TaskFunctions, Tree
from metaspec.kinds.tasks.gym import Gym, spaces

# Environments that nobody steps are kept to be reset, up to so many.
IDLE = 512


def functions(config: Gym, dtype: tf.DType) -> TaskFunctions:
    """A task is its settings, (tasks, settings), in support and query alike."""

    def sample(key: tf.Tensor, count: int) -> Episode:
        shares = uniform(key, (count, len(config.settings)), dtype)
        columns = [transform(shares[:, place], drawn) for place, drawn in enumerate(config.settings.values())]
        settings = tf.stack(columns, axis=1) if columns else shares
        batch = Batch({"settings": settings}, tf.range(count))
        return Episode(batch, batch)

    return TaskFunctions(sample=sample)


def environment(config: Gym, dtype: tf.DType) -> Environment:
    """The state is the number of a `Rollout`; every trajectory is reset with a seed of its own."""
    observed, actions, _ = spaces(config.id)
    rollouts = Rollouts(config, dtype.as_numpy_dtype)

    def begin(rules: Tree, count: int, key: tf.Tensor):
        settings = rules["settings"]
        shape = (settings.shape[0], count)
        seeds = tf.cast(uniform(key, shape, tf.float64) * 2.0**31, tf.int64)
        number, observations = tf.numpy_function(rollouts.begin, [settings, seeds], [tf.int64, dtype])
        return tf.ensure_shape(number, ()), tf.ensure_shape(observations, (*shape, observed))

    def step(number: tf.Tensor, taken: tf.Tensor, place: tf.Tensor):
        last = tf.equal(place, config.horizon - 1)
        found = tf.numpy_function(rollouts.step, [number, taken, last], [dtype, dtype, tf.bool])
        shapes = ((*taken.shape[:2], observed), taken.shape[:2], taken.shape[:2])
        return number, *(tf.ensure_shape(value, shape) for value, shape in zip(found, shapes, strict=True))

    return Environment(begin, step, actions)


class Rollouts:
    """Trajectories under way. A number names those that began together, since a graph may run several at once."""

    def __init__(self, config: Gym, dtype: type) -> None:
        self._config, self._dtype = config, dtype
        self._numbers = numbers()
        self._running: dict[int, Rollout] = {}
        self._idle: list[gymnasium.Env] = []

    def begin(self, settings: np.ndarray, seeds: np.ndarray) -> tuple[np.int64, np.ndarray]:
        number = next(self._numbers)
        self._running[number] = Rollout(
            [[self._made(row, int(seed)) for seed in of_task] for row, of_task in zip(settings, seeds, strict=True)],
            self._dtype,
        )
        return np.int64(number), self._running[number].observations

    def step(self, number: np.ndarray, actions: np.ndarray, last: np.ndarray):
        """Takes the environments back after the last step."""
        rollout = self._running[int(number)]
        found = rollout.step(actions)
        if last:
            del self._running[int(number)]
            for one in rollout.environments():
                if self._config.through != "keyword" and len(self._idle) < IDLE:
                    self._idle.append(one)
                else:
                    one.close()
        return found

    def _made(self, row: np.ndarray, seed: int) -> tuple[gymnasium.Env, np.ndarray]:
        """An environment of these settings, and its first observation."""
        config = self._config
        settings = dict(zip(config.settings, map(float, row), strict=True))
        keywords = settings if config.through == "keyword" else {}
        one = self._idle.pop() if self._idle else gymnasium.make(config.id, **keywords)
        if config.through == "attribute":
            for name, value in settings.items():
                setattr(one.unwrapped, name, value)
        observation, _ = one.reset(seed=seed, options=settings if config.through == "options" else None)
        return one, np.asarray(observation)


class Rollout:
    """Environments (tasks, trajectories) and their last observations. One that has ended is not stepped again."""

    def __init__(self, begun: list[list[tuple[gymnasium.Env, np.ndarray]]], dtype: type) -> None:
        self._environments = [[one for one, _ in row] for row in begun]
        self.observations = np.array([[seen.ravel() for _, seen in row] for row in begun], dtype)
        self._over = np.zeros(self.observations.shape[:2], bool)
        box = begun[0][0][0].action_space
        bounded = np.isfinite(box.low) & np.isfinite(box.high)
        self._shape = box.shape
        self._middle = np.where(bounded, (box.high + box.low) / 2, 0.0)
        self._half = np.where(bounded, (box.high - box.low) / 2, 1.0)
        self._limit = np.where(bounded, 1.0, np.inf)

    def environments(self):
        return (one for row in self._environments for one in row)

    def step(self, actions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Actions (tasks, trajectories, entries) -> observations, rewards, and which have ended."""
        self.observations = self.observations.copy()
        rewards = np.zeros(self._over.shape, self.observations.dtype)
        for place in np.argwhere(~self._over):
            at = tuple(place)
            action = actions[at].reshape(self._shape)
            action = self._middle + self._half * np.clip(action, -self._limit, self._limit)
            seen, reward, terminated, truncated, _ = self._environments[at[0]][at[1]].step(action.astype(np.float32))
            self.observations[at] = np.asarray(seen).ravel()
            rewards[at], self._over[at] = reward, terminated or truncated
        return self.observations, rewards, self._over.copy()
