"""From an episode's rows to its arrays: items in class-major order, turned while they are gathered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.data.episodes import Episodes


@dataclass(frozen=True, eq=False)
class EpisodeBatch:
    """T episodes as arrays; N classes, K shots, Q queries; item n * K + k is shot k of class n.

    support_x: (T, N * K, *item) and query_x: (T, N * Q, *item), of the store's type.
    support_y: (T, N * K) and query_y: (T, N * Q) int32, 0 .. N - 1.
    support_weight: (T, N * K) float32, 1 or, where a class has fewer than K shots, 0.
    """

    support_x: np.ndarray
    support_y: np.ndarray
    support_weight: np.ndarray
    query_x: np.ndarray
    query_y: np.ndarray


def gather_episodes(items: np.ndarray, episodes: Episodes) -> EpisodeBatch:
    """items: all items of the store, (items, *item). Only the gathered items are held in memory."""
    support_x, support_y = _gather(items, episodes.support, episodes.turns)
    query_x, query_y = _gather(items, episodes.query, episodes.turns)
    weight = episodes.support_mask.reshape(len(support_y), -1).astype(np.float32)
    return EpisodeBatch(support_x, support_y, weight, query_x, query_y)


def _gather(items: np.ndarray, rows: np.ndarray, turns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    tasks, ways, count = rows.shape
    gathered = np.take(items, rows.ravel(), axis=0).reshape(tasks, ways, count, *items.shape[1:])
    for turn in np.unique(turns):
        if turn:
            turned = turns == turn
            gathered[turned] = np.rot90(gathered[turned], turn, axes=(2, 3))
    labels = np.repeat(np.arange(ways, dtype=np.int32), count)
    return gathered.reshape(tasks, ways * count, *items.shape[1:]), np.tile(labels, (tasks, 1))
