"""Data of the user's own as one npz file with `inputs` and `labels`; nothing in the file is executed."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, ItemType, Progress, class_table
from metaspec.data.errors import DataError

_NAMES = ("inputs", "labels")


@dataclass(frozen=True)
class Arrays:
    """path: an npz with inputs (items, ...) and labels (items,), whole numbers or text.

    uint8 inputs stay uint8 (0 .. 255), other numbers become float32 unchanged. Pictures are
    (items, height, width, channels); (items, height, width) gets one channel.
    Classes are in the order of their labels; items keep their order within a class.
    """

    path: Path

    in_memory = True

    def table(self) -> ClassTable:
        inputs, labels = _load(self.path)
        names, counts = np.unique(labels, return_counts=True)
        content = hashlib.sha256(np.ascontiguousarray(inputs).data)
        content.update(np.ascontiguousarray(labels).data)
        classes = [ClassEntry(str(name), int(count)) for name, count in zip(names, counts, strict=True)]
        return class_table("arrays", _item_shape(inputs), _item_type(inputs), classes, {"content": content.hexdigest()})

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        inputs, labels = _load(self.path)
        order = np.argsort(labels, kind="stable")
        items[...] = inputs[order].reshape(items.shape)
        if progress:
            progress(table.items, table.items)


def _load(path: Path) -> tuple[np.ndarray, np.ndarray]:
    if not path.is_file():
        raise DataError("path-missing", f"there is no file at {path}", "give the path of an npz file", "path")
    try:
        opened = np.load(path, allow_pickle=False)
        if isinstance(opened, np.ndarray):
            raise _problem(path, "holds a single array", "save inputs and labels with numpy.savez")
        with opened as archive:
            found = sorted(archive.files)
            if not set(_NAMES) <= set(found):
                raise _problem(path, f"holds {_listed(found)}", "it needs the arrays inputs and labels")
            inputs, labels = archive["inputs"], archive["labels"]
            if labels.dtype.kind == "S":
                labels = np.strings.decode(labels, "utf-8")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            "broken-archive",
            f"{path} is not an npz file of plain arrays",
            "write it with numpy.savez(path, inputs=..., labels=...), without arrays of objects",
            "path",
        ) from error
    _check(path, inputs, labels)
    return inputs, labels


def _item_type(inputs: np.ndarray) -> ItemType:
    return "uint8" if inputs.dtype == np.uint8 else "float32"


def _check(path: Path, inputs: np.ndarray, labels: np.ndarray) -> None:
    if inputs.ndim < 2 or inputs.dtype.kind not in "biuf":
        raise _problem(path, "has inputs that are not rows of numbers", "inputs needs the shape (items, ...)")
    if labels.ndim != 1 or labels.dtype.kind not in "biuU":
        raise _problem(
            path,
            "has labels that are not a list of whole numbers or names",
            "labels needs the shape (items,)",
        )
    if len(inputs) != len(labels):
        raise _problem(
            path,
            f"has {len(inputs)} inputs and {len(labels)} labels",
            "there must be one label for each input",
        )
    if not len(inputs):
        raise DataError("empty", f"{path} holds no items", "save at least one item of each class", "path")
    with np.errstate(over="ignore"):
        finite = np.isfinite(inputs.astype(np.float32, copy=False)).reshape(len(inputs), -1).all(axis=1)
    if not finite.all():
        raise _problem(
            path,
            f"has a value in row {int(np.argmin(finite))} of inputs that is not a finite float32",
            "remove or rescale it",
        )


def _item_shape(inputs: np.ndarray) -> tuple[int, ...]:
    shape = tuple(int(length) for length in inputs.shape[1:])
    return (*shape, 1) if len(shape) == 2 else shape


def _listed(names: list[str]) -> str:
    return "no arrays" if not names else f"the arrays {', '.join(names)}"


def _problem(path: Path, what: str, help: str) -> DataError:
    return DataError("arrays", f"{path} {what}", help, "path")
