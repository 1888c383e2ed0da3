"""Which items of each class train and which are held out: for plain training, where every part has all classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassTable
from metaspec.data.errors import DataError
from metaspec.data.splits import PARTS, Part, check_shares, part_sizes
from metaspec.seeds import generator


@dataclass(frozen=True, eq=False)
class ItemSplit:
    """Rows of the store in each part, ascending int64 arrays that share no row."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_items(table: ClassTable, validation: float, test: float, seed: int = 0) -> ItemSplit:
    """Split the items of every class by the same shares, 0 .. 1, drawn with a seed.

    Raises DataError split where a class would keep no item to train on.
    """
    check_shares(validation, test)
    rows: dict[Part, list[np.ndarray]] = {part: [] for part in PARTS}
    for index, entry in enumerate(table.classes):
        held_out = part_sizes(entry.items, validation, test)
        if sum(held_out) >= entry.items:
            raise DataError(
                "split",
                f"class {entry.name} has {entry.items} items: {held_out[0]} for validation and {held_out[1]} "
                "for test leave none to train on",
                "take smaller shares or remove the class",
                "validation",
            )
        order = generator(seed, "split/items", index).permutation(entry.items) + table.offsets[index]
        rows["test"].append(order[: held_out[1]])
        rows["validation"].append(order[held_out[1] : sum(held_out)])
        rows["train"].append(order[sum(held_out) :])
    return ItemSplit(*(_ascending(rows[part]) for part in PARTS))


def _ascending(rows: list[np.ndarray]) -> np.ndarray:
    joined = np.sort(np.concatenate(rows))
    joined.setflags(write=False)
    return joined
