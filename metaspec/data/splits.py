"""Which classes train, which choose the checkpoint and which give the figure: a part for every class.

A split says how; `assign` carries it out. What episodes are drawn from is made of the parts in `metaspec.data.pools`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from metaspec.data.classes import ClassTable
from metaspec.data.errors import DataError
from metaspec.data.folders import Folders, classes_of_folders, no_class_in_two_parts
from metaspec.seeds import generator

Part = Literal["train", "validation", "test"]
PARTS: tuple[Part, ...] = ("train", "validation", "test")

_ORIGIN_PARTS: dict[str, Part] = {
    "background": "train",
    "evaluation": "test",
    "train": "train",
    "validation": "validation",
    "test": "test",
}


@dataclass(frozen=True)
class Fractions:
    """Shares of the classes, 0 .. 1, drawn with a seed. A share above 0 is at least one class."""

    validation: float
    test: float
    seed: int = 0


@dataclass(frozen=True)
class Alphabets:
    """Numbers of groups: the last by name for test, those before them for validation."""

    validation: int
    test: int


@dataclass(frozen=True)
class Classes:
    """Numbers of classes, drawn with a seed from all groups."""

    validation: int
    test: int
    seed: int = 0


@dataclass(frozen=True)
class Official:
    """Background against evaluation, or the folders train, validation and test.

    validation: number of groups taken from the training part, the last by name, where there is no part
    of that name.
    """

    validation: int = 3


@dataclass(frozen=True)
class Unsplit:
    """Every class trains; validation and test are empty."""


Split = Fractions | Alphabets | Classes | Official | Folders | Unsplit


def assign(table: ClassTable, split: Split, trained: bool = True) -> dict[Part, list[int]]:
    """The classes of each part, as indices in the table, ascending. Raises DataError split.

    trained: whether a part to train on must be left.
    """
    everything = list(range(len(table.classes)))
    match split:
        case Unsplit():
            return {"train": everything, "validation": [], "test": []}
        case Fractions():
            check_shares(split.validation, split.test)
            sizes = part_sizes(len(everything), split.validation, split.test)
            return _drawn(table, sizes, split.seed, trained)
        case Classes():
            _check_counts(split)
            return _drawn(table, (split.validation, split.test), split.seed, trained)
        case Alphabets():
            _check_counts(split)
            return _by_group(table, everything, split.validation, split.test, trained)
        case Official():
            _check_counts(split)
            return _official(table, split, trained)
        case Folders():
            folders = classes_of_folders(table, split, trained)
            return {part: folders[part] for part in PARTS}


def _drawn(table: ClassTable, sizes: tuple[int, int], seed: int, trained: bool) -> dict[Part, list[int]]:
    validation, test = sizes
    count = len(table.classes)
    _enough(validation, test, count, "classes", table, trained)
    order = generator(seed, "split/classes").permutation(count).tolist()
    return {
        "test": sorted(order[:test]),
        "validation": sorted(order[test : test + validation]),
        "train": sorted(order[test + validation :]),
    }


def _enough(validation: int, test: int, count: int, what: str, table: ClassTable, trained: bool) -> None:
    """Whether so many for validation and test are there, and leave some to train on where something is trained."""
    held_out = f"{validation} {what} for validation and {test} for test"
    if trained and validation + test >= count:
        leave = f"{held_out} leave none of the {count} {what} of {table.dataset} to train on"
        raise DataError("split", leave, "take fewer", "split")
    if validation + test > count:
        raise DataError("split", f"{held_out} are more than the {count} of {table.dataset}", "take fewer", "split")


def _by_group(
    table: ClassTable, classes: list[int], validation: int, test: int, trained: bool
) -> dict[Part, list[int]]:
    loose = [table.classes[index].name for index in classes if table.classes[index].group is None]
    if loose:
        raise DataError(
            "split",
            f"class {loose[0]} of {table.dataset} belongs to no alphabet",
            "split by fractions or by classes, or put the class folders into folders",
            "split",
        )
    groups = sorted({str(table.classes[index].group) for index in classes})
    _enough(validation, test, len(groups), "alphabets", table, trained)
    held_out = groups[len(groups) - validation - test :]
    part_of: dict[str, Part] = dict.fromkeys(groups, "train")
    part_of.update(dict.fromkeys(held_out[:validation], "validation"))
    part_of.update(dict.fromkeys(held_out[validation:], "test"))
    parts: dict[Part, list[int]] = {part: [] for part in PARTS}
    for index in classes:
        parts[part_of[str(table.classes[index].group)]].append(index)
    return parts


def _official(table: ClassTable, split: Official, trained: bool) -> dict[Part, list[int]]:
    no_class_in_two_parts(table)
    parts: dict[Part, list[int]] = {part: [] for part in PARTS}
    for index, entry in enumerate(table.classes):
        if entry.origin is None:
            raise DataError(
                "split",
                f"class {entry.name} of {table.dataset} belongs to no part of an official split",
                "choose another split, or name the folders as the official ones are",
                "split",
            )
        parts[_ORIGIN_PARTS[entry.origin]].append(index)
    for part in ("train", "test") if trained else ("test",):
        if not parts[part]:
            raise DataError(
                "split",
                f"{table.dataset} has no classes of the official {part} part here",
                "the official split needs both parts (for Omniglot images_background and images_evaluation); "
                "`metaspec data fetch omniglot` downloads them, or split by alphabets",
                "split",
            )
    if not parts["validation"] and split.validation and parts["train"]:
        inner = _by_group(table, parts["train"], split.validation, 0, trained)
        parts["train"], parts["validation"] = inner["train"], inner["validation"]
    return parts


def part_sizes(count: int, validation: float, test: float) -> tuple[int, int]:
    """Items or classes for validation and test; a share above 0 gives at least one."""

    def size(share: float) -> int:
        return max(1, round(count * share)) if share > 0 else 0

    return size(validation), size(test)


def check_shares(validation: float, test: float) -> None:
    if min(validation, test) < 0 or validation + test >= 1:
        raise DataError(
            "split",
            f"the shares {validation:g} for validation and {test:g} for test are not both in 0 .. 1 with a sum below 1",
            "leave a share to train on",
            "split",
        )


def _check_counts(split: Alphabets | Classes | Official) -> None:
    for field in fields(split):
        if field.name != "seed" and getattr(split, field.name) < 0:
            raise DataError("split", f"{field.name} of a split cannot be negative", "take 0 or more", "split")
