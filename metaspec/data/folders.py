"""The parts that the user's own folders `train`, `validation` and `test` are: of classes, or of the items of each class."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassTable, Origin
from metaspec.data.errors import DataError
from metaspec.seeds import generator

NAMES: tuple[Origin, ...] = ("train", "validation", "test")


@dataclass(frozen=True)
class Folders:
    """validation: share, 0 .. 1, of what lies in `train`, drawn with a seed, where there is no folder for validation."""

    validation: float = 0.2
    seed: int = 0


def found_in(table: ClassTable) -> tuple[Origin, ...]:
    """Which of the folders are there."""
    there = {origin for entry in table.classes for origin in entry.origins}
    return tuple(name for name in NAMES if name in there)


def classes_of_folders(table: ClassTable, split: Folders, trained: bool = True) -> dict[Origin, list[int]]:
    """The classes of each folder. trained: whether there must be some to train on. Raises DataError split, shared-class."""
    _check(table, trained)
    no_class_in_two_parts(table)
    parts: dict[Origin, list[int]] = {name: [] for name in NAMES}
    for index, entry in enumerate(table.classes):
        assert entry.origin is not None  # `_check` saw to it
        parts[entry.origin].append(index)
    if not parts["validation"] and split.validation > 0 and parts["train"]:
        order = generator(split.seed, "split/classes").permutation(parts["train"]).tolist()
        held_out = max(1, round(len(order) * split.validation))
        if trained and held_out >= len(order):
            raise _nothing_left(f"the folder train of {table.dataset} has {len(order)} classes", held_out)
        parts["validation"], parts["train"] = sorted(order[:held_out]), sorted(order[held_out:])
    return parts


def items_of_folders(table: ClassTable, split: Folders) -> dict[Origin, np.ndarray]:
    """Rows of the store in each part, ascending int64: the items of every class by the folder that each lies in.

    Raises DataError split where a class has no item in `train`, or none that is left there.
    """
    _check(table)
    rows: dict[Origin, list[np.ndarray]] = {name: [] for name in NAMES}
    own_validation = "validation" in found_in(table)
    for index, entry in enumerate(table.classes):
        own: dict[Origin, np.ndarray] = {name: np.empty(0, np.int64) for name in NAMES}
        first = int(table.offsets[index])
        for origin, count in entry.spread or ((entry.origin, entry.items),):
            assert origin is not None  # `_check` saw to it
            own[origin], first = np.arange(first, first + count), first + count
        if not len(own["train"]):
            raise DataError(
                "split",
                f"class {entry.name} of {table.dataset} has no items in the folder train",
                "a `training` task learns every class: put some of its items there, or remove the class",
                "split",
            )
        if not own_validation and split.validation > 0:
            order = generator(split.seed, "split/items", index).permutation(own["train"])
            held_out = max(1, round(len(order) * split.validation))
            if held_out >= len(order):
                raise _nothing_left(f"class {entry.name} has {len(order)} items in the folder train", held_out)
            own["validation"], own["train"] = order[:held_out], order[held_out:]
        for name in NAMES:
            rows[name].append(own[name])
    return {name: np.sort(np.concatenate(rows[name])) for name in NAMES}


def no_class_in_two_parts(table: ClassTable) -> None:
    """Raises DataError shared-class where a class has items in several parts."""
    shared = [entry for entry in table.classes if entry.spread]
    if not shared:
        return
    own = sorted(shared[0].origins, key=lambda origin: NAMES.index(origin) if origin in NAMES else -1)
    others = f", and so are {len(shared) - 1} more" if len(shared) > 1 else ""
    raise DataError(
        "shared-class",
        f"class {shared[0].name} of {table.dataset} is in {listed(own)}{others}",
        "a task is to have classes that training did not see: move each class into one of the folders, or let "
        "`split = fractions {}` divide the classes, each with its items of all folders",
        "split",
    )


def _check(table: ClassTable, trained: bool = True) -> None:
    outside = [entry for entry in table.classes if not set(entry.origins) <= set(NAMES)]
    if outside:
        raise DataError(
            "split",
            f"class {outside[0].name} of {table.dataset} does not lie in the folders train, validation and test alone",
            "put every class folder into one of the three (val, valid and the like will do), or choose another split",
            "split",
        )
    for name in ("train", "test") if trained else ("test",):
        if name not in found_in(table):
            raise DataError(
                "split",
                f"{table.dataset} has no folder {name} here, only {listed(found_in(table))}",
                f"put the class folders that are for {name} into a folder of this name, or choose another split",
                "split",
            )


def _nothing_left(has: str, held_out: int) -> DataError:
    return DataError(
        "split",
        f"{has}: {held_out} for validation leave none to train on",
        "write a smaller share, `folders { validation = 0 }` for none, or add a folder `validation`",
        "split",
    )


def listed(names: Iterable[Origin | None]) -> str:
    """`train, validation and test`."""
    *most, last = (name or "no part" for name in names)
    return f"{', '.join(most)} and {last}" if most else last
