"""Whether every picture of a data set begins as a picture does, before anything is decoded.

Only the first bytes of each file are read, 0.1 ms a picture where the disk has them at hand, and that once: a small file
in the cache folder says that the pictures of a table were looked at. A picture that is cut off further on is found when
it is decoded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from metaspec.data.classes import ClassTable, Source
from metaspec.data.errors import DataError
from metaspec.data.files import stream_files
from metaspec.data.images import Fault, fault_of
from metaspec.data.store import cache_folder

_SHOWN = 3


@runtime_checkable
class Pictured(Protocol):
    """A source whose items are files of pictures, one each."""

    def picture_files(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Every folder or zip with the names of the files in it."""


def header_problems(source: Source | None, table: ClassTable, cache: Path | None = None) -> tuple[DataError, ...]:
    """A broken-image for each thing that is wrong, with the first files and how many there are; or nothing.

    source: None where items do not come from one. table: `source.table()`. cache: by default `cache_folder()`.
    """
    if not isinstance(source, Pictured):
        return ()
    seen = (cache or cache_folder()) / "headers" / table.stamp[:24]
    if os.path.exists(seen):  # false also where it may not be looked at
        return ()
    broken: dict[Fault, list[str]] = {}
    count = 0
    for root, names in source.picture_files():
        with stream_files(root) as open_file:
            for name in names:
                fault = fault_of(lambda name=name: open_file(name))
                if fault:
                    broken.setdefault(fault, []).append(f"{name} in {root}")
        count += len(names)
    if broken:
        return tuple(_problem(fault, files, count) for fault, files in broken.items())
    with suppress(OSError):  # where nothing can be kept, the next check looks again
        seen.parent.mkdir(parents=True, exist_ok=True)
        seen.touch()
    return ()


def _problem(fault: Fault, files: list[str], count: int) -> DataError:
    rest = len(files) - _SHOWN
    more = f" and {rest} more of {count} files" if rest > 0 else ""
    what = fault.of_many if len(files) > 1 else fault.of_one
    return DataError("broken-image", f"{', '.join(files[:_SHOWN])}{more} {what}", fault.help, "path")
