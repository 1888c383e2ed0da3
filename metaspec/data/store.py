"""Decoded items of a data set as one array, shared by all processes of a machine.

Sources that cost time to decode are written once into a cache folder as a `.npy` file, which every process
maps into its memory read-only. The file is named by the stamp of the source's table and by what decodes it,
so changed data or settings give another file. Its manifest holds the size and the sha256.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL

from metaspec.data.classes import ClassTable, Progress, Source
from metaspec.data.errors import DataError

# Raised whenever the decoding or the form of the cache changes.
_FORMAT = 2

Note = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Store:
    """items: (table.items, *item_shape), read-only. scale: what to multiply by to get numbers in 0 .. 1.

    Pictures (uint8) have the scale 1 / 255, float32 items are used as they are, with the scale 1.
    """

    table: ClassTable
    items: np.ndarray
    path: Path | None

    @property
    def scale(self) -> float:
        return 1 / 255 if self.items.dtype == np.uint8 else 1.0


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """$METASPEC_CACHE, or metaspec under $XDG_CACHE_HOME, or ~/.cache/metaspec."""
    environment = os.environ if environment is None else environment
    if environment.get("METASPEC_CACHE"):
        return Path(environment["METASPEC_CACHE"]).expanduser().absolute()
    base = environment.get("XDG_CACHE_HOME") or "~/.cache"
    return (Path(base).expanduser() / "metaspec").absolute()


def open_store(
    source: Source,
    cache: Path | None = None,
    *,
    table: ClassTable | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
    verify: bool = True,
) -> Store:
    """The decoded items of a source, from the cache or decoded now.

    cache: the cache folder, by default `cache_folder()`. table: `source.table()`, where it is at hand.
    note: told when a damaged file is decoded again. Raises DataError.
    verify: compare the sha256; one process of a run is enough.
    """
    table = table or source.table()
    if source.in_memory:
        items = np.empty((table.items, *table.item_shape), dtype=table.item_type)
        source.fill(table, items, progress)
        items.setflags(write=False)
        return Store(table, items, None)
    path = _items_path(table, cache)
    if not _is_whole(path, table, verify, note):
        _write(path, source, table, progress)
    return Store(table, np.load(path, mmap_mode="r", allow_pickle=False), path)


def cache_problem(source: Source, table: ClassTable, cache: Path | None = None) -> DataError | None:
    """Why the items of a source could not be kept, found by writing an empty file; None where they can be or are kept."""
    path = _items_path(table, cache)
    if source.in_memory or (os.path.exists(path) and os.path.exists(_manifest(path))):
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            return None
    except OSError as error:
        return _not_writable(path.parent, error)


def _items_path(table: ClassTable, cache: Path | None) -> Path:
    return (cache or cache_folder()) / "items" / f"{table.dataset}-{_key(table)}.npy"


def _key(table: ClassTable) -> str:
    decoder = f"{table.stamp} {_FORMAT} Pillow {PIL.__version__}"
    return hashlib.sha256(decoder.encode()).hexdigest()[:24]


def _manifest(path: Path) -> Path:
    return path.with_suffix(".json")


def _is_whole(path: Path, table: ClassTable, verify: bool, note: Note | None) -> bool:
    if not os.path.exists(path) or not os.path.exists(_manifest(path)):  # false also where it may not be looked at
        return False
    fault = _fault(path, table, verify)
    if fault and note:
        note(f"the cached items at {path} are damaged ({fault}); they are decoded again")
    return fault is None


def _fault(path: Path, table: ClassTable, verify: bool) -> str | None:
    try:
        manifest = json.loads(_manifest(path).read_text())
        recorded_bytes, recorded_hash = manifest["bytes"], manifest["sha256"]
    except (ValueError, KeyError, TypeError, OSError):
        return "the manifest cannot be read"
    if path.stat().st_size != recorded_bytes:
        return f"{path.stat().st_size} bytes instead of {recorded_bytes}"
    try:
        items = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError):
        return "not an array"
    if items.shape != (table.items, *table.item_shape) or items.dtype != table.item_type:
        return "an array of another shape"
    if verify and _sha256(path) != recorded_hash:
        return "another checksum"
    return None


def _write(path: Path, source: Source, table: ClassTable, progress: Progress | None) -> None:
    """Decode into a temporary file, then rename: a reader finds the whole file or none.

    Two processes that do so at once write the same bytes, and the later rename wins.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=path.stem, suffix=".partial", dir=path.parent)
    except OSError as error:
        raise _not_writable(path.parent, error) from error
    os.close(handle)
    temporary = Path(name)
    try:
        items = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.dtype(table.item_type), shape=(table.items, *table.item_shape)
        )
        _reserve(temporary)
        source.fill(table, items, progress)
        items.flush()
        del items
        _sync(temporary)
        manifest = {"bytes": temporary.stat().st_size, "sha256": _sha256(temporary), "items": table.items}
        _write_text(_manifest(path), json.dumps(manifest))
        os.replace(temporary, path)
        _sync(path.parent)
    except OSError as error:
        raise _not_writable(path.parent, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _reserve(path: Path) -> None:
    """Take the room on the disk now: a full disk is then an error here, not a fault in mapped memory."""
    if hasattr(os, "posix_fallocate"):  # Linux
        handle = os.open(path, os.O_RDWR)
        try:
            os.posix_fallocate(handle, 0, path.stat().st_size)
        finally:
            os.close(handle)


def _write_text(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=path.stem, suffix=".partial", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_writable(folder: Path, error: OSError) -> DataError:
    return DataError(
        "cache",
        f"the cache folder {folder} cannot be written: {error.strerror}",
        "set METASPEC_CACHE to a folder that can be written and has room",
    )
