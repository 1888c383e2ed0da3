"""What a Python program hands over as a value of the IR: numbers of NumPy and paths are taken as what they stand for."""

import sys
from pathlib import PurePath
from typing import Any


def plain(value: Any) -> Any:
    """The value with Python's own numbers and texts in it.

    A scalar of NumPy becomes the number, flag or text that it holds, an array with one axis a tuple, a path its text.
    An array with more axes stays, and is refused where it is used: no field takes one.
    """
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(plain, value)) if type(value) in (list, tuple) else value
    if type(value) is dict:
        return {name: plain(entry) for name, entry in value.items()}
    numpy = sys.modules.get("numpy")  # where it was never imported, nothing of it can be given
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    if numpy is not None and isinstance(value, numpy.ndarray) and value.ndim < 2:
        return plain(value.tolist()) if value.ndim == 0 else tuple(value.tolist())
    return value
