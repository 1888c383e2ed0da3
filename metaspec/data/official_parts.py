"""Data sets whose training, validation and test classes are told by files of their own, in the layouts in use.

`listed`: train.csv, val.csv and test.csv with the columns filename and label (Ravi and Larochelle 2017), beside a folder
`images`; `named`: class names in splits/*/train.txt and so on, beside data/CLASS/ (Bertinetto et al. 2019); `packed`: one
file of arrays for each part, a pickle or an npz. Pictures stay in their files until the store decodes them once.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Origin, Progress, class_table
from metaspec.data.errors import DataError
from metaspec.data.files import DataFile, list_files, open_files
from metaspec.data.images import Filter, decode_image, image_suffixes, refuse_picture
from metaspec.data.packed_parts import packed
from metaspec.data.parts import PARTS, Part, Picture, Pictures


@dataclass(frozen=True)
class OfficialParts:
    """path: the folder, or for pictures in files a zip. Items are size x size x 3, uint8."""

    dataset: str
    path: Path
    size: int
    resample: Filter = "bilinear"

    in_memory = False

    def table(self) -> ClassTable:
        return self._table(self._parts())

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        done = 0
        places = {entry.name: int(first) for entry, first in zip(table.classes, table.offsets, strict=True)}
        for part in self._parts():
            with part.pictures() as pictures:
                for label, picture in zip(part.labels, pictures, strict=True):
                    items[places[label]] = picture((self.size, self.size), self.resample)
                    places[label] += 1
                    done += 1
                    if progress and (done % 500 == 0 or done == table.items):
                        progress(done, table.items)

    def _parts(self) -> tuple[Part, ...]:
        refuse_picture(self.path, "name the folder of the data set")
        files = {file.name: file for file in list_files(self.path)}
        for layout in (listed, named, packed):
            found = layout(self.path, files)
            if found:
                _every_part(self.path, found)
                return found
        raise DataError(
            "layout" if files else "empty",
            f"{self.path} holds no parts of {self.dataset}",
            "expected train.csv, val.csv and test.csv beside a folder images; or splits/*/train.txt, val.txt and test.txt "
            "beside data/CLASS; or a pickle or npz for each part with train, val and test in its name",
            "path",
        )

    def _table(self, parts: tuple[Part, ...]) -> ClassTable:
        entries: list[ClassEntry] = []
        owner: dict[str, Origin] = {}
        for part in parts:
            for name, count in sorted(Counter(part.labels).items()):
                if owner.setdefault(name, part.origin) != part.origin:
                    raise DataError(
                        "shared-class",
                        f"class {name} of {self.dataset} is in {owner[name]} and in {part.origin}",
                        "classes of the parts must differ: compare the files with the published split",
                        "path",
                    )
                entries.append(ClassEntry(name, count, None, part.origin))
        settings = {"size": self.size, "resample": self.resample}
        marks = [mark for part in parts for mark in part.marks]
        return class_table(self.dataset, (self.size, self.size, 3), "uint8", entries, settings, marks)


def _every_part(root: Path, found: tuple[Part, ...]) -> None:
    missing = [name for name, origin in PARTS.items() if origin not in {part.origin for part in found}]
    if missing:
        raise DataError(
            "layout",
            f"{root} has no file of the part {missing[0]}",
            f"the parts are {', '.join(PARTS)}, with a file for each",
            "path",
        )
    empty = next((part.origin for part in found if not part.labels), None)
    if empty:
        raise DataError("empty", f"the {empty} part of {root} holds no pictures", "bring its files again", "path")


def listed(root: Path, files: dict[str, DataFile]) -> tuple[Part, ...]:
    """Lists of file names and labels; empty where there are none."""
    lists = {name: file for name in PARTS for file in files if PurePosixPath(file).name == f"{name}.csv"}
    if not lists:
        return ()
    by_name = {PurePosixPath(file).name: file for file in files}
    parts = []
    with open_files(root) as read:
        for name, file in lists.items():
            rows = _rows(read(file), f"{file} in {root}")
            folder = PurePosixPath(file).parent / "images"
            chosen = [_picture(root, files, by_name, folder, row, file) for row in rows]
            labels = tuple(row["label"] for row in rows)
            parts.append(_of_files(root, files, PARTS[name], labels, chosen))
    return tuple(parts)


def _rows(content: bytes, name: str) -> list[dict[str, str]]:
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError("layout", f"{name} is not a list in CSV", "bring the published file again", "path") from error
    if rows and not ({"filename", "label"} <= rows[0].keys() and all(row["filename"] and row["label"] for row in rows)):
        raise DataError("layout", f"{name} lacks a filename or a label", "its first line is `filename,label`", "path")
    return rows


def _picture(root: Path, files, by_name, folder: PurePosixPath, row: dict[str, str], listing: str) -> str:
    """The file of a row: images/NAME, images/LABEL/NAME, or the file of this name wherever it lies."""
    for place in (folder / row["filename"], folder / row["label"] / row["filename"]):
        if place.as_posix() in files:
            return place.as_posix()
    found = by_name.get(PurePosixPath(row["filename"]).name)
    if found is None:
        raise DataError(
            "layout",
            f"{row['filename']}, which {listing} lists, is not in {root}",
            "put the pictures into the folder images beside the lists",
            "path",
        )
    return found


def named(root: Path, files: dict[str, DataFile]) -> tuple[Part, ...]:
    """Lists of class names, whose pictures lie in a folder of each class; empty where there are none."""
    lists = {
        name: file
        for name in PARTS
        for file in files
        if PurePosixPath(file).name == f"{name}.txt" and "splits" in PurePosixPath(file).parts
    }
    if not lists:
        return ()
    suffixes = image_suffixes()
    of_class: dict[str, list[str]] = {}
    for file in files:
        place = PurePosixPath(file)
        if place.suffix.lower() in suffixes:
            of_class.setdefault(place.parent.name, []).append(file)
    parts = []
    with open_files(root) as read:
        for name, file in lists.items():
            classes = [line.strip() for line in read(file).decode("utf-8", "replace").splitlines() if line.strip()]
            missing = next((each for each in classes if each not in of_class), None)
            if missing is not None:
                raise DataError(
                    "layout",
                    f"class {missing}, which {file} lists, has no pictures in {root}",
                    "put them into data/CLASS",
                    "path",
                )
            pairs = [(each, picture) for each in classes for picture in of_class[each]]
            labels = tuple(each for each, _ in pairs)
            parts.append(_of_files(root, files, PARTS[name], labels, [picture for _, picture in pairs]))
    return tuple(parts)


def _of_files(
    root: Path, files: dict[str, DataFile], origin: Origin, labels: tuple[str, ...], chosen: list[str]
) -> Part:
    """A part whose pictures are files."""

    @contextmanager
    def pictures() -> Iterator[Pictures]:
        with open_files(root) as read:
            yield (_decoder(read(name), f"{name} in {root}") for name in chosen)

    return Part(origin, labels, tuple(f"{name} {files[name].mark}" for name in chosen), pictures)


def _decoder(content: bytes, name: str) -> Picture:
    return lambda size, resample: decode_image(content, name, size, 3, resample)
