"""The reader of `mini_imagenet`: its published files, in any of the layouts of `official_parts`."""

from __future__ import annotations

from pathlib import Path

from metaspec.data.images import Filter
from metaspec.data.official_parts import OfficialParts


def source(path: Path, size: int, resample: Filter) -> OfficialParts:
    return OfficialParts("mini_imagenet", path, size, resample)
