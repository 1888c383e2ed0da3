"""What all competitors compute on: items for the characters, and arrays that travel by file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

CLASSES, DRAWINGS, SIZE = 100, 20, 28


def write_items(path: Path) -> None:
    """Random pictures in classes, as an npz for `arrays`: each the mean of its class and noise, in 0 .. 1, float32."""
    random = np.random.default_rng(5)
    means = random.random((CLASSES, 1, SIZE, SIZE, 1))
    pictures = (means + random.random((CLASSES, DRAWINGS, SIZE, SIZE, 1))) / 2
    labels = np.repeat(np.arange(CLASSES), DRAWINGS)
    np.savez(path, inputs=pictures.reshape(-1, SIZE, SIZE, 1).astype(np.float32), labels=labels)


def save(path: str, **groups: dict[str, np.ndarray]) -> None:
    """Several dictionaries of arrays in one file."""
    np.savez(path, **{f"{group}/{name}": array for group, arrays in groups.items() for name, array in arrays.items()})


def load(path: str, group: str) -> dict[str, np.ndarray]:
    """One of the dictionaries of `save`."""
    with np.load(path) as archive:
        return {key.partition("/")[2]: archive[key] for key in archive.files if key.startswith(f"{group}/")}


def single(path: str, group: str) -> dict[str, np.ndarray]:
    """The arrays of a group with their floating-point numbers in float32."""
    return _as(load(path, group), np.float32)


def doubled(path: str, group: str) -> dict[str, np.ndarray]:
    """The arrays of a group with their floating-point numbers in float64."""
    return _as(load(path, group), np.float64)


def _as(arrays: dict[str, np.ndarray], dtype: type) -> dict[str, np.ndarray]:
    return {name: array.astype(dtype) if array.dtype.kind == "f" else array for name, array in arrays.items()}


def distance(found: dict[str, np.ndarray], reference: dict[str, np.ndarray]) -> float:
    """The norm of the difference of two gradients over the norm of the second. Raises ValueError for other names."""
    if found.keys() != reference.keys():
        raise ValueError(f"gradients of other parameters: {sorted(found.keys() ^ reference.keys())}")
    difference = sum(float(np.sum((found[name].astype(np.float64) - reference[name]) ** 2)) for name in reference)
    size = sum(float(np.sum(array.astype(np.float64) ** 2)) for array in reference.values())
    return (difference / size) ** 0.5
