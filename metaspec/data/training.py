"""From a training task's settings to its items: the table of classes, and the rows of each part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metaspec.data.classes import ClassTable, Source
from metaspec.data.errors import DataError
from metaspec.data.folders import Folders, items_of_folders
from metaspec.data.items import ItemSplit, split_items
from metaspec.data.splits import PARTS
from metaspec.data.task import DataSettings


@dataclass(frozen=True, eq=False)
class TrainingData:
    """location: where the items lie, None where they are made. rows: those of each part. problems: what is wrong."""

    location: Path | None
    source: Source
    table: ClassTable
    rows: ItemSplit
    problems: tuple[DataError, ...]

    @property
    def classes(self) -> dict[str, int]:
        """Classes of each part: all of them are in every part that has items."""
        return {part: len(self.table.classes) if len(getattr(self.rows, part)) else 0 for part in PARTS}


def training_data(data: DataSettings, location: Path | None) -> TrainingData:
    """The table and the rows of a training task. Raises DataError where they cannot be had."""
    source = data.source(location)
    table = source.table()
    division = data.split.division() if hasattr(data, "split") else None
    if isinstance(division, Folders):
        rows = ItemSplit(**items_of_folders(table, division))
    else:
        rows = split_items(table, data.validation, data.test, getattr(data, "seed", 0))
    problems = tuple(
        DataError(
            "too-few-items",
            f"no class of {table.dataset} has enough items for one in the {part} part",
            f"give `{part}` a larger share",
            part,
        )
        for part in PARTS
        if not len(getattr(rows, part))
    )
    return TrainingData(location, source, table, rows, problems)
