"""Which classes train, which choose the checkpoint and which give the figure: no class is in two of them.

A split assigns classes; `class_pools` turns it into what episodes are drawn from. Only training classes are
multiplied by rotations: a rotated character counts as a class of its own, in the split of its upright form.
Items of plain training tasks are split inside each class by `split_items`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

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
class Characters:
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


Split = Fractions | Alphabets | Characters | Official | Folders | Unsplit


@dataclass(frozen=True, eq=False)
class ClassPool:
    """The classes that episodes of one part are drawn from, all arrays (pool,) and read-only.

    classes: index in the table. turns: quarter turns, 0 .. 3. offsets, counts: rows in the store.
    """

    part: Part
    classes: np.ndarray
    turns: np.ndarray
    offsets: np.ndarray
    counts: np.ndarray

    def __len__(self) -> int:
        return len(self.classes)


@dataclass(frozen=True, eq=False)
class ClassPools:
    train: ClassPool
    validation: ClassPool
    test: ClassPool


@dataclass(frozen=True, eq=False)
class ItemSplit:
    """Rows of the store in each part, ascending int64 arrays that share no row."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def class_pools(table: ClassTable, split: Split, rotations: Sequence[int] = (0,)) -> ClassPools:
    """Assign the classes and multiply the training classes by `rotations` (degrees, multiples of 90).

    Raises DataError: split, setting, shared-class.
    """
    turns = _quarter_turns(rotations, table)
    parts = _assign(table, split)
    pools = ClassPools(
        train=_pool(table, "train", parts["train"], turns),
        validation=_pool(table, "validation", parts["validation"], (0,)),
        test=_pool(table, "test", parts["test"], (0,)),
    )
    prove_disjoint(table, pools)
    return pools


def prove_disjoint(table: ClassTable, pools: ClassPools) -> None:
    """Check that no two parts share a class, by its index, rotations included, and by its name.

    Two classes of one name arise where an official split has the same folder in two parts.
    Raises DataError shared-class.
    """
    owner: dict[str, Part] = {}
    for pool in (pools.train, pools.validation, pools.test):
        for name in {table.classes[index].name for index in pool.classes.tolist()}:
            if owner.setdefault(name, pool.part) != pool.part:
                raise DataError(
                    "shared-class",
                    f"class {name} is in {owner[name]} and in {pool.part}",
                    "classes of the parts must differ: rename or remove one, or choose another split",
                    "split",
                )


def split_items(table: ClassTable, validation: float, test: float, seed: int = 0) -> ItemSplit:
    """Split the items of every class by the same shares, 0 .. 1, drawn with a seed.

    Raises DataError split where a class would keep no item to train on.
    """
    _check_shares(validation, test)
    rows: dict[Part, list[np.ndarray]] = {part: [] for part in PARTS}
    for index, entry in enumerate(table.classes):
        held_out = _part_sizes(entry.items, validation, test)
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
    return ItemSplit(*(_read_only(np.sort(np.concatenate(rows[part]))) for part in PARTS))


def _assign(table: ClassTable, split: Split) -> dict[Part, list[int]]:
    everything = list(range(len(table.classes)))
    match split:
        case Unsplit():
            return {"train": everything, "validation": [], "test": []}
        case Fractions():
            _check_shares(split.validation, split.test)
            sizes = _part_sizes(len(everything), split.validation, split.test)
            return _drawn(table, sizes, split.seed)
        case Characters():
            _check_counts(split)
            return _drawn(table, (split.validation, split.test), split.seed)
        case Alphabets():
            _check_counts(split)
            return _by_group(table, everything, split.validation, split.test)
        case Official():
            _check_counts(split)
            return _official(table, split)
        case Folders():
            return classes_of_folders(table, split)


def _drawn(table: ClassTable, sizes: tuple[int, int], seed: int) -> dict[Part, list[int]]:
    validation, test = sizes
    count = len(table.classes)
    if validation + test >= count:
        raise DataError(
            "split",
            f"{validation} classes for validation and {test} for test leave none of the {count} classes of "
            f"{table.dataset} to train on",
            "take fewer",
            "split",
        )
    order = generator(seed, "split/classes").permutation(count).tolist()
    return {
        "test": sorted(order[:test]),
        "validation": sorted(order[test : test + validation]),
        "train": sorted(order[test + validation :]),
    }


def _by_group(table: ClassTable, classes: list[int], validation: int, test: int) -> dict[Part, list[int]]:
    loose = [table.classes[index].name for index in classes if table.classes[index].group is None]
    if loose:
        raise DataError(
            "split",
            f"class {loose[0]} of {table.dataset} belongs to no alphabet",
            "split by fractions or by characters, or put the class folders into folders",
            "split",
        )
    groups = sorted({str(table.classes[index].group) for index in classes})
    if validation + test >= len(groups):
        raise DataError(
            "split",
            f"{validation} alphabets for validation and {test} for test leave none of the {len(groups)} "
            f"alphabets of {table.dataset} to train on",
            "take fewer",
            "split",
        )
    held_out = groups[len(groups) - validation - test :]
    part_of: dict[str, Part] = dict.fromkeys(groups, "train")
    part_of.update(dict.fromkeys(held_out[:validation], "validation"))
    part_of.update(dict.fromkeys(held_out[validation:], "test"))
    parts: dict[Part, list[int]] = {part: [] for part in PARTS}
    for index in classes:
        parts[part_of[str(table.classes[index].group)]].append(index)
    return parts


def _official(table: ClassTable, split: Official) -> dict[Part, list[int]]:
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
    for part in ("train", "test"):
        if not parts[part]:
            raise DataError(
                "split",
                f"{table.dataset} has no classes of the official {part} part here",
                "the official split needs both parts (for Omniglot images_background and images_evaluation); "
                "`metaspec data fetch omniglot` downloads them, or split by alphabets",
                "split",
            )
    if not parts["validation"] and split.validation:
        inner = _by_group(table, parts["train"], split.validation, 0)
        parts["train"], parts["validation"] = inner["train"], inner["validation"]
    return parts


def _pool(table: ClassTable, part: Part, classes: list[int], turns: Sequence[int]) -> ClassPool:
    base = np.array(classes, dtype=np.int64)
    index = np.repeat(base, len(turns))
    return ClassPool(
        part,
        classes=_read_only(index.astype(np.int32)),
        turns=_read_only(np.tile(np.array(turns, dtype=np.int32), len(base))),
        offsets=_read_only(table.offsets[index]),
        counts=_read_only(table.counts[index]),
    )


def _quarter_turns(rotations: Sequence[int], table: ClassTable) -> tuple[int, ...]:
    shape = table.item_shape
    turns = tuple(int(degrees) // 90 % 4 for degrees in rotations)
    if not turns or any(degrees % 90 for degrees in rotations) or len(set(turns)) < len(turns):
        raise DataError(
            "setting",
            f"rotations {list(rotations)} are not different multiples of 90 degrees",
            "write for example [0, 90, 180, 270]",
            "rotations",
        )
    square = len(shape) == 3 and shape[0] == shape[1]
    if (any(turn % 2 for turn in turns) and not square) or (any(turns) and len(shape) != 3):
        raise DataError(
            "setting",
            f"items of the shape {' x '.join(map(str, shape))} cannot turn by {list(rotations)} degrees",
            "only square pictures turn by 90 degrees: set `size`, or leave `rotations` out",
            "rotations",
        )
    return turns


def _part_sizes(count: int, validation: float, test: float) -> tuple[int, int]:
    """Items or classes for validation and test; a share above 0 gives at least one."""

    def size(share: float) -> int:
        return max(1, round(count * share)) if share > 0 else 0

    return size(validation), size(test)


def _check_shares(validation: float, test: float) -> None:
    if min(validation, test) < 0 or validation + test >= 1:
        raise DataError(
            "split",
            f"the shares {validation:g} for validation and {test:g} for test are not both in 0 .. 1 with a sum below 1",
            "leave a share to train on",
            "split",
        )


def _check_counts(split: Alphabets | Characters | Official) -> None:
    for field in fields(split):
        if field.name != "seed" and getattr(split, field.name) < 0:
            raise DataError("split", f"{field.name} of a split cannot be negative", "take 0 or more", "split")


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
