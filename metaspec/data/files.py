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
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from metaspec.data.errors import DataError

# No single picture of a data set is larger; a zip member that says it is would fill the memory.
LARGEST_FILE = 256 * 1024 * 1024

PERMISSION = "give this user the permission to read it (for a folder also to enter it: `chmod u+rX`)"

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

    Raises DataError: path-missing, permission, broken-archive.
    """
    if not root.exists():
        raise DataError("path-missing", f"there is nothing at {root}", "check the path", field)
    files = _archive_files(root, field) if root.is_file() else list(_folder_files(root, field))
    return sorted((file for file in files if not _is_hidden(file.name)), key=lambda file: file.name)


def list_folders(root: Path, field: str = "path") -> list[str]:
    """The folders under a folder or in a zip, by name relative to it, sorted; hidden ones are left out.

    Raises DataError: permission, broken-archive.
    """
    if root.is_file():
        with _open_archive(root, field) as archive:
            paths = [PurePosixPath(entry.filename) for entry in archive.infolist()]
            own = [path for path, entry in zip(paths, archive.infolist(), strict=True) if entry.is_dir()]
        found = {
            folder.as_posix() for path in (*own, *(path.parent for path in paths)) for folder in _with_parents(path)
        }
    else:
        found = {prefix for prefix, _, _ in _walk(root, field)}
    return sorted(name for name in found if name != "." and not _is_hidden(name))


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


def _folder_files(root: Path, field: str) -> Iterator[DataFile]:
    for prefix, folder, names in _walk(root, field):
        for name in names:
            path = os.path.join(folder, name)
            try:
                status = os.stat(path)
            except OSError as error:
                raise _unreadable(Path(path), error, field) from error
            yield DataFile(
                name if prefix == "." else f"{prefix}/{name}",
                status.st_size,
                f"{status.st_size} {status.st_mtime_ns}",
            )


def _walk(root: Path, field: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each folder that is not hidden: its name relative to the root, its path, the names of its files.

    A folder that cannot be listed is an error: its files would be missing without a word.
    """

    def refuse(error: OSError) -> None:
        raise _unreadable(Path(error.filename), error, field) from error

    for folder, folders, names in os.walk(root, onerror=refuse, followlinks=True):
        folders[:] = [name for name in folders if not _is_hidden(name)]
        yield Path(folder).relative_to(root).as_posix(), folder, [name for name in names if not _is_hidden(name)]


def _with_parents(path: PurePosixPath) -> tuple[PurePosixPath, ...]:
    return (path, *path.parents)


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
        raise _unreadable(root, error, field) from error


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
        raise _unreadable(path, error, field) from error


def _unreadable(path: Path, error: OSError, field: str) -> DataError:
    if isinstance(error, PermissionError):
        return DataError("permission", f"{path} cannot be read: permission denied", PERMISSION, field)
    if path.is_symlink():
        return DataError("path-missing", f"{path} is a link that leads nowhere", "mend the link or remove it", field)
    return DataError("path-missing", f"{path} cannot be read: {error.strerror}", "check the file and its disk", field)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX/")) or name == "__MACOSX" or "/." in name or "/__MACOSX/" in name
