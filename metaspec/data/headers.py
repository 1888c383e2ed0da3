"""Whether every picture of a data set begins as a picture does, before anything is decoded.

Only the first bytes of each file are read, 0.1 ms a picture where the disk has them at hand, and that once: a small file
in the cache folder says that the pictures of a table were looked at. A picture that is cut off further on is found when
it is decoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol, runtime_checkable

from metaspec.data.classes import ClassTable, Source
from metaspec.data.errors import DataError
from metaspec.data.files import stream_files
from metaspec.data.images import is_picture
from metaspec.data.store import cache_folder

_SHOWN = 3


@runtime_checkable
class Pictured(Protocol):
    """A source whose items are files of pictures, one each."""

    def picture_files(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Every folder or zip with the names of the files in it."""


def header_problems(source: Source | None, table: ClassTable, cache: Path | None = None) -> tuple[DataError, ...]:
    """One broken-image, which names the first files that are no pictures and says how many there are; or nothing.

    source: None where items do not come from one. table: `source.table()`. cache: by default `cache_folder()`.
    """
    if not isinstance(source, Pictured):
        return ()
    seen = (cache or cache_folder()) / "headers" / table.stamp[:24]
    if seen.exists():
        return ()
    broken: list[str] = []
    count = 0
    for root, names in source.picture_files():
        with stream_files(root) as open_file:
            broken += [f"{name} in {root}" for name in names if not is_picture(lambda name=name: open_file(name))]
        count += len(names)
    if broken:
        return (_problem(broken, count),)
    with suppress(OSError):  # where nothing can be kept, the next check looks again
        seen.parent.mkdir(parents=True, exist_ok=True)
        seen.touch()
    return ()


def _problem(broken: list[str], count: int) -> DataError:
    if len(broken) == 1:
        message, help = f"{broken[0]} cannot be read as an image", "replace the file or remove it from the data"
    else:
        rest = len(broken) - _SHOWN
        more = f" and {rest} more of {count} files" if rest > 0 else ""
        message = f"{', '.join(broken[:_SHOWN])}{more} cannot be read as images"
        help = "replace the files or remove them from the data"
    return DataError("broken-image", message, help, "path")
