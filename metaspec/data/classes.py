"""The table of classes: what checks and the plan need to know of a data set before a pixel is decoded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from metaspec.data.passed_over import NOTHING, PassedOver

Origin = Literal["background", "evaluation", "train", "validation", "test"]
ItemType = Literal["uint8", "float32"]
Progress = Callable[[int, int], None]
"""Called with (done, total) from time to time."""


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """One class. group: the alphabet or folder it belongs to. origin: its part of the official split.

    spread: where its items lie in several parts, how many in each, in the order of the store; `origin` is then None.
    beside: files in its folder that are no items.
    """

    name: str
    items: int
    group: str | None = None
    origin: Origin | None = None
    spread: tuple[tuple[Origin | None, int], ...] = ()
    beside: int = 0

    @property
    def origins(self) -> tuple[Origin | None, ...]:
        """Every part that it has items in; None stands for items outside of all parts."""
        return tuple(origin for origin, _ in self.spread) or (self.origin,)


@dataclass(frozen=True)
class ClassTable:
    """The classes of a data set, in the order in which their items lie in the store.

    item_shape: (height, width, channels), or (features,) for rows of an npz.
    fingerprint: sha256 over names, counts and settings; equal for the same data as a folder and as a zip.
    stamp: sha256 over the fingerprint and every file's size and checksum or time; names the cached items.
    passed_over: what lies there too and is no item.
    """

    dataset: str
    item_shape: tuple[int, ...]
    item_type: ItemType
    classes: tuple[ClassEntry, ...]
    fingerprint: str
    stamp: str
    passed_over: PassedOver = NOTHING

    @cached_property
    def counts(self) -> np.ndarray:
        """Items of each class, (classes,) int64."""
        return _frozen(np.array([entry.items for entry in self.classes], dtype=np.int64))

    @cached_property
    def offsets(self) -> np.ndarray:
        """Row of each class's first item in the store, (classes,) int64."""
        return _frozen(np.cumsum(self.counts) - self.counts)

    @property
    def items(self) -> int:
        """Number of items of all classes."""
        return int(self.counts.sum())

    @property
    def nbytes(self) -> int:
        """Bytes of all decoded items."""
        return self.items * int(np.prod(self.item_shape)) * np.dtype(self.item_type).itemsize

    def row_classes(self) -> np.ndarray:
        """Class of each row of the store, (items,) int32."""
        return np.repeat(np.arange(len(self.classes), dtype=np.int32), self.counts)

    def groups(self) -> tuple[str, ...]:
        """Names of the groups (alphabets), sorted."""
        return tuple(sorted({entry.group for entry in self.classes if entry.group is not None}))


class Source(Protocol):
    """A data set with its settings: frozen, and without a decoded item in it.

    Each reader is one class of this form. `fill` writes the items in the order of the table.
    """

    @property
    def in_memory(self) -> bool:
        """Whether decoding is so cheap that every process does it for itself."""

    def table(self) -> ClassTable:
        """The classes, without decoding. Raises DataError."""

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        """Decode all items into `items`, (table.items, *item_shape) of the table's type. Raises DataError."""


def class_table(
    dataset: str,
    item_shape: tuple[int, ...],
    item_type: ItemType,
    classes: Iterable[ClassEntry],
    settings: Mapping[str, object],
    marks: Iterable[str] = (),
    passed_over: PassedOver = NOTHING,
) -> ClassTable:
    """Build a table and its two hashes, which what is no item has no part in.

    settings: whatever changes the decoded items. marks: one text per file that changes when the file does.
    """
    entries = tuple(classes)
    content = {
        "dataset": dataset,
        "item_shape": item_shape,
        "item_type": item_type,
        "settings": settings,
        "classes": [
            (entry.name, entry.items, entry.group, entry.origin, *([entry.spread] if entry.spread else []))
            for entry in entries
        ],
    }
    fingerprint = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    stamp = hashlib.sha256("\n".join((fingerprint, *marks)).encode()).hexdigest()
    return ClassTable(dataset, item_shape, item_type, entries, fingerprint, stamp, passed_over)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
