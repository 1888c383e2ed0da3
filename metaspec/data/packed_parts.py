"""Parts of a data set as files of arrays: pickles or npz, of pictures as numbers or still compressed.

A part is one file with `image_data` and `class_dict`, or `data` and `labels`; or a file of images (a list of PNG or JPEG
bytes, or an array) and one of labels (`label_specific`, as tiered ImageNet has them).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from metaspec.data import arrays_of_pickle
from metaspec.data.errors import DataError
from metaspec.data.files import DataFile
from metaspec.data.images import Filter, decode_image, resized
from metaspec.data.parts import PARTS, Part, Picture, Pictures

_SUFFIXES = (".pkl", ".pickle", ".npz")
_IMAGES, _LABELS = ("image_data", "images", "data"), ("labels", "label_specific")


def packed(root: Path, files: dict[str, DataFile]) -> tuple[Part, ...]:
    """The parts of a folder; empty where it has no such files."""
    parts = []
    for name, origin in PARTS.items():
        # `train_phase_train` is the training part; `train_phase_val` and `_test` are other items of its classes.
        own = [
            root / file
            for file in files
            if PurePosixPath(file).suffix in _SUFFIXES and _part_of(PurePosixPath(file).stem) == name
        ]
        if own and root.is_dir():
            marks = tuple(f"{path.name} {files[path.relative_to(root).as_posix()].mark}" for path in own)
            parts.append(Part(origin, _labels(own), marks, partial(_pictures, tuple(own))))
    return tuple(parts)


def _part_of(stem: str) -> str | None:
    words = re.split(r"[^a-z]+", stem.lower())
    if "phase" in words:
        return "train" if words[-1] == "train" else None
    return next((name for name in PARTS if name in words or (name == "val" and "validation" in words)), None)


def _content(path: Path) -> Any:
    if path.suffix != ".npz":
        return arrays_of_pickle.load(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise DataError(
            "broken-archive", f"{path} is not an npz file of plain arrays", "download it again", "path"
        ) from error


def _found(contents: list[tuple[Path, Any]], names: tuple[str, ...]) -> Any:
    """The first entry of one of these names in any of a part's files."""
    for name in names:
        for _, content in contents:
            if isinstance(content, dict) and name in content:
                return content[name]
    return None


def _labels(paths: list[Path]) -> tuple[str, ...]:
    """The class of each picture. Files of images alone are left closed where another one has the labels."""
    first = [path for path in paths if "label" in path.stem.lower()] or paths
    contents = [(path, _content(path)) for path in first]
    groups = _found(contents, ("class_dict",))
    if isinstance(groups, dict):
        pairs = [(int(row), str(name)) for name, rows in groups.items() for row in rows]
        return tuple(name for _, name in sorted(pairs))
    found = _found(contents, _LABELS)
    if found is None:
        raise _layout(first[0], "has neither labels nor a class_dict")
    words = _found(contents, ("label_specific_str",))
    flat = [each.item() if isinstance(each, np.generic) else each for each in found]
    return tuple(str(words[each] if words is not None else each) for each in flat)


@contextmanager
def _pictures(paths: tuple[Path, ...]) -> Iterator[Pictures]:
    first = [path for path in paths if "label" not in path.stem.lower()] or list(paths)
    contents = [(path, _content(path)) for path in first]
    bare = next((content for _, content in contents if isinstance(content, list)), None)
    images = bare if bare is not None else _found(contents, _IMAGES)
    if images is None:
        raise _layout(first[0], "has no images")
    yield (_picture(image, f"picture {number} of {first[0]}") for number, image in enumerate(images))


def _picture(image: Any, name: str) -> Picture:
    """Numbers (height, width, 3), or the bytes of a picture in a format of its own."""
    values = np.frombuffer(image, np.uint8) if isinstance(image, bytes) else np.asarray(image)

    def decoded(size: tuple[int, int], resample: Filter) -> np.ndarray:
        if values.dtype == np.uint8 and (values.ndim == 1 or (values.ndim == 2 and 1 in values.shape)):
            return decode_image(values.tobytes(), name, size, 3, resample)
        if values.dtype != np.uint8 or values.ndim != 3 or values.shape[2] != 3:
            raise DataError("arrays", f"{name} is no picture of bytes in three colours", "download it again", "path")
        return resized(values, size, resample)

    return decoded


def _layout(path: Path, what: str) -> DataError:
    return DataError(
        "layout",
        f"{path} {what}",
        "expected image_data and class_dict, or data and labels, or files of images and of labels",
        "path",
    )
