from pathlib import Path
from typing import TYPE_CHECKING

from metaspec.kinds.from_files import Rotated
from metaspec.spec.base import field

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Arrays(Rotated):
    """An npz file with `inputs` (items on the first axis) and integer `labels`. Nothing in it is executed."""

    path: str = field(doc="the npz file")

    def reader(self, location: Path) -> "Source":
        from metaspec.data import arrays  # the reader brings NumPy and Pillow: only when data is asked for

        return arrays.Arrays(location)
