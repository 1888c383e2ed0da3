"""N-way k-shot classification: episodes are drawn and gathered in NumPy, from items that all workers share."""

from pathlib import Path

import numpy as np

from metaspec.backend.records import Batch, Episode, TaskFunctions
from metaspec.data.episodes import Episodes, draw_episodes
from metaspec.data.gather import gather_episodes
from metaspec.data.store import open_store
from metaspec.data.task import task_data
from metaspec.kinds.tasks.fewshot import Fewshot
from metaspec.plan.model import TaskPlan


def functions(config: Fewshot, task: TaskPlan, seed: int, cache: Path | None) -> TaskFunctions:
    """Episodes of images in bytes, or of the numbers of an npz; labels are 0 .. ways - 1, class by class."""
    shape = config.episode_shape()
    found = task_data(config.data, shape, Path(task.location) if task.location else None, parts=())
    store = open_store(found.source, cache, verify=False)

    def drawn(split: str, iteration: int, first: int, count: int) -> Episodes:
        tasks = range(first, first + count)
        return draw_episodes(getattr(found.pools, split), shape, seed, f"tasks/{split}", iteration, tasks)

    def gather(split: str, iteration: int, first: int, count: int) -> Episode:
        batch = gather_episodes(store.items, drawn(split, iteration, first, count))
        weights = batch.support_weight if shape.fewest_shots < shape.most_shots else ()
        return Episode(Batch(batch.support_x, batch.support_y, weights), Batch(batch.query_x, batch.query_y))

    def names(split: str, iteration: int, first: int, count: int) -> np.ndarray:
        return np.array([entry.name for entry in found.table.classes])[drawn(split, iteration, first, count).classes]

    return TaskFunctions(gather=gather, names=names)
