"""What episodes are drawn from: the classes of each part, with their turns. No class is in two parts.

Only training classes are multiplied by rotations: a rotated character counts as a class of its own, in the part of its
upright form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassTable
from metaspec.data.errors import DataError
from metaspec.data.splits import Part, Split, assign


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


def class_pools(table: ClassTable, split: Split, rotations: Sequence[int] = (0,), trained: bool = True) -> ClassPools:
    """Assign the classes and multiply the training classes by `rotations` (degrees, multiples of 90).

    trained: whether there must be some to train on.

    Raises DataError: split, setting, shared-class.
    """
    turns = _quarter_turns(rotations, table)
    parts = assign(table, split, trained)
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


def _read_only(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
