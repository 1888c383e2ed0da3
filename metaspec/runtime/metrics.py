"""metrics.jsonl: one line for each meta-iteration and each evaluation, none twice.

A line holds no times, so that the file of a resumed run is the file of an undisturbed one, byte by byte.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from metaspec.runtime.errors import disk


class MetricsFile:
    """The open file. Its length at a checkpoint is kept there."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def write(self, lines: Iterable[Mapping[str, Any]]) -> None:
        with disk(self._path):
            self._file.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def sync(self) -> int:
        """Puts everything on disk; returns the length in bytes."""
        with disk(self._path):
            os.fsync(self._file.fileno())
            return self._file.tell()


@contextmanager
def open_metrics(path: Path, length: int) -> Iterator[MetricsFile]:
    """The file, cut to the `length` that a checkpoint says; what stood behind it is computed again."""
    with disk(path):
        path.touch()
        file = path.open("r+b", buffering=0)
    with file:
        with disk(path):
            file.truncate(min(length, path.stat().st_size))
            file.seek(0, os.SEEK_END)
        yield MetricsFile(path, file)


def json_numbers(values: Iterable[float]) -> tuple[float | None, ...]:
    """JSON has no NaN and no infinity: they become null."""
    return tuple(float(value) if math.isfinite(value) else None for value in values)
