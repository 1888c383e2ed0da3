"""One official part of a data set, whichever files it lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import Origin
from metaspec.data.images import Filter

PARTS: dict[str, Origin] = {"train": "train", "val": "validation", "test": "test"}

# From (height, width) and a filter to the picture, (height, width, 3) uint8.
Picture = Callable[[tuple[int, int], Filter], np.ndarray]
Pictures = Iterator[Picture]


@dataclass(frozen=True)
class Part:
    """The class of each picture, what changes with its files, and the pictures in the same order."""

    origin: Origin
    labels: tuple[str, ...]
    marks: tuple[str, ...]
    pictures: Callable[[], AbstractContextManager[Pictures]]
