"""Pools of problems: instances are made in NumPy from their seed once, and stacked for the tasks of a shard."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import objective
from metaspec.backend.problems.abreast import named
from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.kinds.tasks.problems import Problems
from metaspec.seeds import generator

# Instances that a worker keeps, so that a pool is made once and an evaluation's instances do not pile up.
KEPT = 256


def functions(config: Problems, dtype: tf.DType) -> TaskFunctions:
    """Support and query are the same: the data of the instances, by name, and the instances' numbers for targets.

    Data of problems side by side are stacked problem by problem.
    """
    made: dict[tuple[str, int], dict[str, np.ndarray]] = {}

    def instance(split: str, number: int) -> dict[str, np.ndarray]:
        if (split, number) not in made:
            if len(made) >= KEPT:
                made.pop(next(iter(made)))
            made[split, number] = instance_data(config, split, number, dtype)
        return made[split, number]

    def pool(split: str, numbers: tuple[int, ...]) -> Episode:
        found = [instance(split, number) for number in numbers]
        count = len(config.abreast(numbers))
        batch = Batch(named([stacked(found[place::count]) for place in range(count)]), np.array(numbers, np.int32))
        return Episode(batch, batch)

    return TaskFunctions(pool=pool)


def stacked(found: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.stack([data[name] for data in found]) for name in found[0]}


def instance_data(config: Problems, split: str, number: int, dtype: tf.DType) -> dict[str, np.ndarray]:
    """The data of one instance, and the deviation of the noise on each tensor's gradient where there is noise."""
    found = objective(config.entry(number))
    data = found.data(generator(config.seed, f"instances/{split}", number))
    if any(found.noise):
        data["noise"] = np.array(found.noise)
    return {name: value.astype(dtype.as_numpy_dtype) for name, value in data.items()}
