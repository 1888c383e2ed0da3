"""From a task's settings to what its episodes are drawn from: location, table of classes, pools of the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from metaspec.data.classes import ClassTable, Source
from metaspec.data.episodes import EpisodeShape, episode_problems
from metaspec.data.errors import DataError
from metaspec.data.paths import find_data
from metaspec.data.pools import ClassPools, class_pools
from metaspec.data.splits import PARTS


class DataSettings(Protocol):
    """What a data block of the IR offers; its other fields are those of its kind."""

    def source(self, location: Path | None) -> Source:
        """The reader of the items."""


@dataclass(frozen=True, eq=False)
class TaskData:
    """location: where the items lie, None where they are made. problems: why episodes cannot be drawn, if so."""

    location: Path | None
    source: Source
    table: ClassTable
    pools: ClassPools
    problems: tuple[DataError, ...]

    @property
    def classes(self) -> dict[str, int]:
        """Classes of each part, with the training classes' rotations counted."""
        return {part: len(getattr(self.pools, part)) for part in PARTS}


def locate(data: DataSettings, beside: Path | None) -> Path | None:
    """Where the items lie; None for data that is made, not read. Raises DataError path-missing."""
    path = getattr(data, "path", None)
    return None if path is None else find_data(path, beside)


def task_data(data: DataSettings, shape: EpisodeShape, location: Path | None, parts: Sequence[str] = PARTS) -> TaskData:
    """The table and the pools of a few-shot task. Raises DataError where they cannot be had.

    parts: those that a run draws from; of the others nothing is asked.
    """
    source = data.source(location)
    table = source.table()
    pools = class_pools(table, data.split.division(), getattr(data, "rotations", (0,)), "train" in parts)
    problems = [
        problem
        for part in parts
        if len(getattr(pools, part)) or part == "train"
        for problem in episode_problems(table, getattr(pools, part), shape)
    ]
    return TaskData(location, source, table, pools, tuple(problems))
