"""Files of a data set in a folder or in a zip file, seen the same way; nothing is ever unpacked to disk."""

from __future__ import annotations

import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from metaspec.data.errors import DataError

# No single picture of a data set is larger; a zip member that says it is would fill the memory.
LARGEST_FILE = 256 * 1024 * 1024

# What zipfile and the decompressors behind it raise for a damaged, encrypted or unsupported member.
DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
    lzma.LZMAError,
)


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file by its name relative to the root, with `/`. mark: changes when the content does."""

    name: str
    size: int
    mark: str


def is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def list_files(root: Path, field: str = "path") -> list[DataFile]:
    """All files under a folder or in a zip, sorted by name; hidden files and folders are left out.

    Raises DataError: path-missing, broken-archive.
    """
    if not root.exists():
        raise DataError("path-missing", f"there is nothing at {root}", "check the path", field)
    files = _archive_files(root, field) if root.is_file() else list(_folder_files(root))
    return sorted((file for file in files if not _is_hidden(file.name)), key=lambda file: file.name)


@contextmanager
def open_files(root: Path, field: str = "path") -> Iterator[Callable[[str], bytes]]:
    """Gives a function from a file's name to its bytes. Raises DataError: broken-archive, path-missing."""
    if root.is_dir():
        yield lambda name: _read_plain(root / name, field)
        return
    with _open_archive(root, field) as archive:
        yield lambda name: _read_member(archive, root, name, field)


@contextmanager
def stream_files(root: Path, field: str = "path") -> Iterator[Callable[[str], BinaryIO]]:
    """Gives a function from a file's name to a stream, for those who read a file's beginning alone.

    Raises DataError: broken-archive. The streams raise OSError, or one of `DAMAGED` in a zip.
    """
    if root.is_dir():
        yield lambda name: (root / name).open("rb")
        return
    with _open_archive(root, field) as archive:
        yield lambda name: cast(BinaryIO, archive.open(name))


def _folder_files(root: Path) -> Iterator[DataFile]:
    for folder, _, names in os.walk(root, followlinks=True):
        prefix = Path(folder).relative_to(root).as_posix()
        for name in names:
            status = os.stat(os.path.join(folder, name))
            yield DataFile(
                name if prefix == "." else f"{prefix}/{name}",
                status.st_size,
                f"{status.st_size} {status.st_mtime_ns}",
            )


def _archive_files(root: Path, field: str) -> list[DataFile]:
    with _open_archive(root, field) as archive:
        return [
            DataFile(entry.filename, entry.file_size, f"{entry.file_size} {entry.CRC:08x}")
            for entry in archive.infolist()
            if not entry.is_dir()
        ]


def _open_archive(root: Path, field: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(root)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise DataError(
            "broken-archive",
            f"{root} is not a readable zip file",
            "it may be cut short or be of another type: download or pack it again",
            field,
        ) from error
    except OSError as error:
        raise DataError(
            "path-missing",
            f"{root} cannot be opened: {error.strerror}",
            "check the path and its permissions",
            field,
        ) from error


def _read_member(archive: zipfile.ZipFile, root: Path, name: str, field: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_FILE:
        raise DataError(
            "broken-archive",
            f"{name} in {root} would unpack to more than {LARGEST_FILE >> 20} MiB",
            "remove it from the zip file",
            field,
        )
    try:
        return archive.read(name)
    except DAMAGED as error:
        raise DataError(
            "broken-archive",
            f"{name} in {root} cannot be unpacked",
            "the zip file is damaged, encrypted or of a rare kind: download or pack it again",
            field,
        ) from error


def _read_plain(path: Path, field: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(
            "path-missing",
            f"{path} cannot be read: {error.strerror}",
            "check the file and its permissions",
            field,
        ) from error


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX/")) or "/." in name or "/__MACOSX/" in name
