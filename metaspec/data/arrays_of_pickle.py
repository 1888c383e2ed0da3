"""Arrays, lists and dictionaries out of a pickle, without running anything that the file names.

A pickle is a program whose calls are names of the file's choice. Here a few names of NumPy stand for functions of this
module, which only note bytes, shapes and types; a file with any other name is refused. What was noted becomes arrays
when the file has been read.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from metaspec.data.errors import DataError

_TYPE = re.compile(r"[<>|=]?(?:[biuf][0-9]+|[SU][0-9]+|b1|O8?)\Z")


class _Type:
    """A `numpy.dtype` as the file has it: its text, and the byte order that follows."""

    def __init__(self, text: Any) -> None:
        self.text, self.order = _text(text), ""

    def __setstate__(self, state: tuple) -> None:
        order = _text(state[1])
        self.order = order if order in "<>|=" else ""

    @property
    def boxed(self) -> bool:
        """Whether the array holds Python values instead of numbers."""
        return "O" in self.text

    def read(self) -> np.dtype:
        if not _TYPE.match(self.text):
            raise ValueError(f"the type {self.text!r}")
        return np.dtype(self.order.replace("|", "") + self.text.lstrip("<>|=") if self.order else self.text)


class _Array:
    """An array under construction: nothing but its state."""

    def __init__(self) -> None:
        self.state: tuple | None = None

    def __setstate__(self, state: tuple) -> None:
        self.state = state

    def read(self) -> np.ndarray | list:
        _, shape, kind, fortran, raw = self.state or (1, (0,), _Type("u1"), False, b"")
        if kind.boxed:
            return [_read(each) for each in raw]
        return _shaped(raw, kind.read(), shape, "F" if fortran else "C")


class _Call:
    """A name that may stand in the file, with what happens when it is called."""

    __slots__ = ("does",)

    def __init__(self, does: Callable[..., Any]) -> None:
        self.does = does

    def __call__(self, *arguments: Any) -> Any:
        return self.does(*arguments)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("a state for a function")


def _names() -> dict[str, _Call]:
    scalar = _Call(lambda kind, raw: _shaped(raw, kind.read(), (1,), "C")[0])
    buffer = _Call(lambda raw, kind, shape, order: _shaped(raw, kind.read(), shape, order))
    numpy = {
        "multiarray._reconstruct": _Call(lambda *_: _Array()),
        "multiarray.scalar": scalar,
        "numeric._frombuffer": buffer,
    }
    names = {f"{package}.{name}": call for package in ("numpy.core", "numpy._core") for name, call in numpy.items()}
    return names | {
        "numpy.dtype": _Call(lambda text, *_: _Type(text)),
        "numpy.ndarray": _Call(lambda *_: _Array()),
        "_codecs.encode": _Call(lambda text, *_: _bytes(text)),
        "__builtin__.bytes": _Call(lambda: b""),  # how old protocols write no bytes
    }


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any) -> None:
        super().__init__(file, encoding="latin1")  # strings of Python 2 are bytes, one for each character
        self.names = _names()

    def find_class(self, module: str, name: str) -> Any:
        found = self.names.get(f"{module}.{name}")
        if found is None:
            raise _Refused(f"{module}.{name}")
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise _Refused("something outside of it")


class _Refused(Exception):
    """The file names something that is not data."""


def load(path: Path) -> Any:
    """The content of a pickle of Python's plain values and NumPy's plain arrays.

    Raises DataError broken-archive for any other file.
    """
    try:
        with path.open("rb") as file:
            return _read(_Reader(file).load())
    except _Refused as refused:
        raise _problem(path, f"names {refused}, which is not data; nothing of it was run") from refused
    except OSError as error:
        raise DataError("path-missing", f"{path} cannot be read: {error.strerror}", "check the file", "path") from error
    except Exception as error:  # a damaged pickle fails in any way a stack machine can
        raise _problem(path, "is not a pickle of arrays") from error


def _read(value: Any) -> Any:
    """What was noted, as arrays."""
    if isinstance(value, _Array):
        return value.read()
    if isinstance(value, dict):
        return {_read(key): _read(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_read(entry) for entry in value)
    return value


def _shaped(raw: Any, kind: np.dtype, shape: Any, order: str) -> np.ndarray:
    sizes = tuple(int(size) for size in shape)
    content = _bytes(raw)
    if min(sizes, default=0) < 0 or len(content) != prod(sizes) * kind.itemsize:
        raise ValueError("bytes that do not fit the shape")
    return np.frombuffer(content, kind).reshape(sizes, order="F" if order == "F" else "C")


def _bytes(raw: Any) -> bytes:
    return raw.encode("latin1") if isinstance(raw, str) else bytes(memoryview(raw))


def _text(value: Any) -> str:
    return value.decode("latin1") if isinstance(value, bytes) else str(value)


def _problem(path: Path, what: str) -> DataError:
    return DataError(
        "broken-archive",
        f"{path} {what}",
        "download it again, or bring the images as a folder with train.csv, val.csv and test.csv",
        "path",
    )
