"""The reader of `cifar_fs`: its published files, in any of the layouts of `official_parts`."""

from __future__ import annotations

from pathlib import Path

from metaspec.data.images import Filter
from metaspec.data.official_parts import OfficialParts


def source(path: Path, size: int, resample: Filter) -> OfficialParts:
    return OfficialParts("cifar_fs", path, size, resample)
