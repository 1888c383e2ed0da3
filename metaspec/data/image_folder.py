"""One folder per class, with pictures of any format that Pillow reads; also inside a zip file.

A class is a folder that holds pictures directly. Folders above it are its group. Where the first folder is
called train, validation (val, valid) or test, it is the class's part; a class of one name in several of them is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Origin, Progress, class_table
from metaspec.data.errors import DataError
from metaspec.data.files import DataFile, list_files, list_folders, open_files
from metaspec.data.images import Filter, decode_image, image_size, image_suffixes, refuse_picture
from metaspec.data.passed_over import passed_over

_ORIGINS: dict[str, Origin] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}


@dataclass(frozen=True, slots=True)
class _ClassFile:
    """A picture, the name of its class with the folders above it, and its part where the first of those is one."""

    file: DataFile
    name: str
    origin: Origin | None


@dataclass(frozen=True)
class ImageFolder:
    """size: (height, width) to resize to; without it all pictures must have the size of the first.

    channels: 1 for grey, 3 for colour. invert: dark on light becomes light on dark.
    Items are height x width x channels, uint8.
    """

    path: Path
    size: tuple[int, int] | None = None
    channels: int = 3
    resample: Filter = "bilinear"
    invert: bool = False

    in_memory = False

    def table(self) -> ClassTable:
        listed = _listed(self.path)
        pictures = _pictures(self.path, listed)
        files = _class_files(self.path, pictures)
        height, width = self.size or _first_size(self.path, files[0].file)
        others = passed_over((file.name for file in listed), list_folders(self.path), (file.name for file in pictures))
        beside = Counter(_class_of(name, _is_wrapped(pictures)) for name in others.files)
        return class_table(
            "image_folder",
            (height, width, self.channels),
            "uint8",
            _entries(files, beside),
            {"resample": self.resample, "invert": self.invert},
            (f"{each.file.name} {each.file.mark}" for each in files),
            others,
        )

    def picture_files(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        yield self.path, tuple(each.file.name for each in self._files())

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        _decode_all(self.path, [each.file for each in self._files()], self, items, progress)

    def _files(self) -> list[_ClassFile]:
        return _class_files(self.path, _pictures(self.path, _listed(self.path)))


def read_pictures(source: ImageFolder) -> tuple[tuple[str, ...], np.ndarray]:
    """All pictures under the path, in folders or not, sorted by name: (names, (pictures, h, w, c) uint8).

    For items without labels, such as those to predict. Raises DataError.
    """
    files = _pictures(source.path, _listed(source.path))
    height, width = source.size or _first_size(source.path, files[0])
    items = np.empty((len(files), height, width, source.channels), dtype=np.uint8)
    _decode_all(source.path, files, source, items, None)
    return tuple(file.name for file in files), items


def _decode_all(
    root: Path, files: list[DataFile], source: ImageFolder, items: np.ndarray, progress: Progress | None
) -> None:
    height, width = items.shape[1:3]
    with open_files(root) as read:
        for row, file in enumerate(files):
            content, name = read(file.name), f"{file.name} in {root}"
            if source.size is None:
                _check_size(content, name, (height, width))
            items[row] = decode_image(content, name, (height, width), source.channels, source.resample, source.invert)
            if progress and ((row + 1) % 100 == 0 or row + 1 == len(files)):
                progress(row + 1, len(files))


def _listed(root: Path) -> list[DataFile]:
    refuse_picture(root, "name the folder of class folders")
    return list_files(root)


def _pictures(root: Path, listed: list[DataFile]) -> list[DataFile]:
    suffixes = image_suffixes()
    files = [file for file in listed if PurePosixPath(file.name).suffix.lower() in suffixes]
    if not files:
        count = "1 other file" if len(listed) == 1 else f"{len(listed)} other files"
        others = f", only {count}, such as {listed[0].name}" if listed else ""
        raise DataError(
            "empty",
            f"{root} holds no pictures{others}",
            "expected one folder per class with pictures in it, named with the ending of their format, such as .png",
            "path",
        )
    return files


def _class_files(root: Path, files: list[DataFile]) -> list[_ClassFile]:
    """Pictures in the order of the table: by class, by part where the class lies in several, by name."""
    loose = [file.name for file in files if "/" not in file.name]
    if loose:
        raise DataError(
            "layout",
            f"{loose[0]} lies in {root} outside any class folder",
            "expected one folder per class: move the picture into the folder of its class",
            "path",
        )
    wrapped = _is_wrapped(files)
    placed = (_placed(file, wrapped) for file in files)
    return sorted(placed, key=lambda each: (each.name, each.origin or "", each.file.name))


def _placed(file: DataFile, wrapped: bool) -> _ClassFile:
    folders = _folders_of(file.name, wrapped)
    origin = _ORIGINS.get(folders[0].lower()) if len(folders) > 1 else None
    return _ClassFile(file, _class_of(file.name, wrapped), origin)


def _class_of(name: str, wrapped: bool) -> str:
    folders = _folders_of(name, wrapped)
    return "/".join(folders[1:] if len(folders) > 1 and folders[0].lower() in _ORIGINS else folders)


def _folders_of(name: str, wrapped: bool) -> tuple[str, ...]:
    return PurePosixPath(name).parts[1 if wrapped else 0 : -1]


def _entries(files: list[_ClassFile], beside: Mapping[str, int]) -> list[ClassEntry]:
    """A class that lies in several parts is one class, not one for each."""
    entries = []
    for name, members in groupby(files, key=lambda each: each.name):
        spread = tuple((origin, len(list(own))) for origin, own in groupby(members, key=lambda each: each.origin))
        items, group = sum(count for _, count in spread), name.rpartition("/")[0] or None
        origin = spread[0][0] if len(spread) == 1 else None
        entries.append(ClassEntry(name, items, group, origin, spread if len(spread) > 1 else (), beside[name]))
    return entries


def _is_wrapped(files: list[DataFile]) -> bool:
    """Whether everything lies in one folder that is no class, as in a zip file made of a folder."""
    first = {file.name.split("/", 1)[0] for file in files}
    return len(first) == 1 and not first & _ORIGINS.keys() and all(file.name.count("/") > 1 for file in files)


def _first_size(root: Path, first: DataFile) -> tuple[int, int]:
    with open_files(root) as read:
        return image_size(read(first.name), f"{first.name} in {root}")


def _check_size(content: bytes, name: str, size: tuple[int, int]) -> None:
    found = image_size(content, name)
    if found != size:
        raise DataError(
            "setting",
            f"{name} has {found[0]} x {found[1]} pixels, the first picture has {size[0]} x {size[1]}",
            "give `size`, then every picture is resized to it",
            "size",
        )
