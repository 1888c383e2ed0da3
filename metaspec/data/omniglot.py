"""Omniglot: 1,623 handwritten characters of 50 alphabets, 20 drawings each.

Lake, Salakhutdinov, Tenenbaum, "Human-level concept learning through probabilistic program induction",
Science 350 (2015). The official layout is `images_background/ALPHABET/characterNN/NNNN_MM.png` (30 alphabets)
and `images_evaluation/...` (20 alphabets), as folders or as the zip files of those names, read in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Origin, Progress, class_table
from metaspec.data.errors import DataError
from metaspec.data.files import DataFile, is_archive, list_files, open_files
from metaspec.data.images import Filter, decode_image, refuse_picture

_PARTS: dict[str, Origin] = {"images_background": "background", "images_evaluation": "evaluation"}
_DRAWING = re.compile(r"(?:^|.*/)(?P<alphabet>[^/]+)/(?P<character>character[0-9]+)/[0-9]+_[0-9]+\.png$")


@dataclass(frozen=True, slots=True)
class _Drawing:
    origin: Origin | None
    alphabet: str
    character: str
    root: Path
    file: DataFile

    @property
    def place(self) -> tuple[str, str, str]:
        return (self.alphabet, self.character, self.file.name.rsplit("/", 1)[-1])


@dataclass(frozen=True)
class Omniglot:
    """path: the folder that holds the parts, one part, or a zip file of either.

    Items are size x size x 1, uint8, ink 255 on 0 (the files hold black ink on white).
    """

    path: Path
    size: int = 28
    resample: Filter = "box"

    in_memory = False

    def table(self) -> ClassTable:
        drawings = _drawings(self.path)
        classes = []
        for (alphabet, character), group in groupby(drawings, key=lambda drawing: drawing.place[:2]):
            members = list(group)
            classes.append(ClassEntry(f"{alphabet}/{character}", len(members), alphabet, members[0].origin))
        return class_table(
            "omniglot",
            (self.size, self.size, 1),
            "uint8",
            classes,
            {"size": self.size, "resample": self.resample},
            (f"{drawing.file.name} {drawing.file.mark}" for drawing in drawings),
        )

    def picture_files(self) -> Iterator[tuple[Path, tuple[str, ...]]]:
        for root in _roots(self.path):
            yield root, tuple(drawing.file.name for drawing in _drawings_of(root))

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        drawings = _drawings(self.path)
        order = sorted(range(len(drawings)), key=lambda row: str(drawings[row].root))
        done = 0
        for root, rows in groupby(order, key=lambda row: drawings[row].root):
            with open_files(root) as read:
                for row in rows:
                    name = drawings[row].file.name
                    items[row] = decode_image(
                        read(name), f"{name} in {root}", (self.size, self.size), 1, self.resample, invert=True
                    )
                    done += 1
                    if progress and (done % 500 == 0 or done == len(drawings)):
                        progress(done, len(drawings))


def _drawings(path: Path) -> list[_Drawing]:
    drawings = [drawing for root in _roots(path) for drawing in _drawings_of(root)]
    if not drawings:
        raise DataError(
            "layout" if any(list_files(root) for root in _roots(path)) else "empty",
            f"{path} holds no characters of Omniglot",
            "expected images_background and images_evaluation, as folders or zip files, "
            "with ALPHABET/characterNN/NNNN_MM.png in them; `metaspec data fetch omniglot` downloads them",
            "path",
        )
    drawings.sort(key=lambda drawing: drawing.place)
    for earlier, later in pairwise(drawings):
        if earlier.place == later.place:
            raise DataError(
                "layout",
                f"{later.alphabet}/{later.character} is there twice: "
                f"{earlier.file.name} in {earlier.root} and {later.file.name} in {later.root}",
                "keep one of the two copies",
                "path",
            )
    return drawings


def _roots(path: Path) -> list[Path]:
    """The folders or zip files to read: both parts where `path` is the folder that holds them."""
    refuse_picture(path, "name the folder with images_background in it")
    if not path.is_dir():
        return [path]
    parts = []
    for name in _PARTS:
        candidates = (path / name, path / f"{name}.zip")
        parts += [candidate for candidate in candidates if candidate.exists()][:1]
    return parts or [path]


def _drawings_of(root: Path) -> Iterator[_Drawing]:
    own_part = root.stem if is_archive(root) else root.name
    for file in list_files(root):
        found = _DRAWING.match(file.name)
        if found:
            origin = _origin((own_part, *file.name.split("/")[:-3]))
            yield _Drawing(origin, found["alphabet"], found["character"], root, file)


def _origin(parents: tuple[str, ...]) -> Origin | None:
    for name in reversed(parents):
        for part, origin in _PARTS.items():
            if name.startswith(part):
                return origin
    return None
