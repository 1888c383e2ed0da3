"""Episodes: which classes, and which of their items to learn from and to be asked about.

Drawing is stateless. An episode's numbers come from (seed, stream, iteration, task index) alone, so a shard
draws its own episodes wherever it runs, and an episode does not depend on its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassTable
from metaspec.data.errors import DataError
from metaspec.data.pools import ClassPool
from metaspec.seeds import generator


@dataclass(frozen=True)
class EpisodeShape:
    """ways: classes of an episode. shots: items of each to learn from, or (fewest, most), drawn per class.

    queries: items of each class to be asked about. All at least 1.
    """

    ways: int
    shots: int | tuple[int, int]
    queries: int

    @property
    def fewest_shots(self) -> int:
        return self.shots if isinstance(self.shots, int) else self.shots[0]

    @property
    def most_shots(self) -> int:
        return self.shots if isinstance(self.shots, int) else self.shots[1]


@dataclass(frozen=True, eq=False)
class Episodes:
    """T episodes of N classes; K is the largest number of shots, Q the number of queries.

    classes: (T, N) int32, index in the table; the label of a class is its place 0 .. N - 1.
    turns: (T, N) int32, quarter turns counter-clockwise of all its items.
    support: (T, N, K) int64 and query: (T, N, Q) int64, rows of the store; no row is in both.
    support_mask: (T, N, K) bool, false at the end where a class has fewer shots; there the first row repeats.
    """

    classes: np.ndarray
    turns: np.ndarray
    support: np.ndarray
    query: np.ndarray
    support_mask: np.ndarray


def episode_problems(table: ClassTable, pool: ClassPool, shape: EpisodeShape) -> tuple[DataError, ...]:
    """Why episodes of this shape cannot be drawn from the pool; empty if they can.

    A class needs the fewest shots plus the queries; a class with less than the most shots plus the queries
    gets fewer shots. Classes too small are named, the smallest first.
    """
    problems = [
        DataError("setting", f"{field} is {value}", f"{field} must be at least 1", field)
        for field, value in (("ways", shape.ways), ("shots", shape.fewest_shots), ("queries", shape.queries))
        if value < 1
    ]
    if shape.most_shots < shape.fewest_shots:
        problems.append(
            DataError(
                "setting",
                f"shots run from {shape.fewest_shots} to {shape.most_shots}",
                "write the smaller number first",
                "shots",
            )
        )
    if len(pool) < shape.ways:
        problems.append(_too_few_classes(table, pool, shape.ways))
    needed = shape.fewest_shots + shape.queries
    small = sorted(
        {(int(count), int(index)) for count, index in zip(pool.counts, pool.classes, strict=True) if count < needed}
    )
    if small:
        count, index = small[0]
        others = f"; {len(small) - 1} more classes are too small" if len(small) > 1 else ""
        held, beside = _counted(count, "item", "items"), table.classes[index].beside
        passed_over = (
            f" ({_counted(beside, 'more file', 'more files')} in its folder passed over: "
            "by the ending of the name no picture)"
            if beside
            else ""
        )
        problems.append(
            DataError(
                "too-few-items",
                f"class {table.classes[index].name} of {table.dataset} has {held}{passed_over}, but an episode takes "
                f"{shape.fewest_shots} to learn from and {shape.queries} to ask about{others}",
                f"take at most {count} together, or remove the class" if count > 1 else "remove the class",
                "queries" if shape.queries > shape.fewest_shots else "shots",
            )
        )
    return tuple(problems)


def _too_few_classes(table: ClassTable, pool: ClassPool, ways: int) -> DataError:
    """At the split, where the data has enough classes and the split leaves the part too few."""
    there, all_of_them = len(pool), len(table.classes)
    by_split = all_of_them >= ways
    of_all = f" of its {all_of_them}" if by_split else ""
    message = f"{ways} ways are more than the {_counted(there, 'class', 'classes')} of {table.dataset} in {pool.part}"
    more = f"give {pool.part} {'more classes' if there else 'classes'} by another split{of_all}"
    help = more if there < 2 else f"take at most {there} ways, or {more}"
    return DataError("too-few-classes", message, help, "split" if by_split else "ways")


def draw_episodes(
    pool: ClassPool, shape: EpisodeShape, seed: int, stream: str, iteration: int, tasks: Sequence[int]
) -> Episodes:
    """Draw the episodes with the given task indices of one meta-iteration.

    Classes of an episode differ in the pool (a character and its rotation may meet), and every choice is
    uniform. Call `episode_problems` first: an episode that cannot be drawn is not looked for here.
    """
    ways, most, queries = shape.ways, shape.most_shots, shape.queries
    taken = most + queries
    uniform = np.empty((len(tasks), ways * (2 + taken)))
    for row, task in enumerate(tasks):
        generator(seed, stream, iteration, task).random(out=uniform[row])
    places = _distinct(uniform[:, :ways], np.full(len(tasks), len(pool)))
    counts = pool.counts[places]

    available = np.minimum(most, counts - queries)
    spread = available - shape.fewest_shots + 1
    shots = shape.fewest_shots + (uniform[:, ways : 2 * ways] * spread).astype(np.int64)
    items = _distinct(uniform[:, 2 * ways :].reshape(len(tasks), ways, taken), counts)
    rows = pool.offsets[places][:, :, None] + items

    mask = np.arange(most) < shots[:, :, None]
    support = rows[:, :, queries:]
    return Episodes(
        classes=pool.classes[places],
        turns=pool.turns[places],
        support=np.where(mask, support, support[:, :, :1]),
        query=rows[:, :, :queries],
        support_mask=mask,
    )


def _distinct(uniform: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Draw without replacement: (..., k) in [0, 1) and sizes (...) -> (..., k) different numbers below size.

    The i-th draw picks one of the size - i numbers that are left, by its rank among them; the rank becomes a
    number by stepping over the numbers taken before. Every ordered choice is equally likely. Draws past the
    size (k > size) repeat number 0 and are the caller's to mask.
    """
    chosen = np.zeros(uniform.shape, dtype=np.int64)
    for i in range(uniform.shape[-1]):
        left = sizes - i
        rank = (uniform[..., i] * np.maximum(left, 1)).astype(np.int64)
        # The j-th smallest number taken before, less j, is how many free numbers lie below it.
        free_below = np.sort(chosen[..., :i], axis=-1) - np.arange(i)
        number = rank + (free_below <= rank[..., None]).sum(axis=-1)
        chosen[..., i] = np.where(left > 0, number, 0)
    return chosen


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
