"""Files that are either the old ones or the new ones, whatever happens in between."""

from __future__ import annotations

import os
from pathlib import Path

from metaspec.runtime.errors import disk


def replace(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Writes a file so that a crash at any moment leaves the old file or the new one, whole.

    lasting: whether the new name must outlast a loss of power at once, or may wait for a later `sync_folder`.
    """
    temporary = path.with_name(f".{path.name}.new")
    with disk(path):
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        if lasting:
            sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
