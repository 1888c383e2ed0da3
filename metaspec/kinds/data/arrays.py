from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SerializeAsAny

from metaspec.kinds.splits.fractions import Fractions
from metaspec.spec.base import Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Arrays(Data):
    """An npz file with `inputs` (items on the first axis) and integer `labels`. Nothing in it is executed."""

    path: str = field(doc="the npz file")
    split: SerializeAsAny[Split] = field(Fractions(validation=0.2, test=0.2), doc="which classes are for what")
    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a class of its own in training"
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")

    def source(self, location: Path | None) -> "Source":
        from metaspec.data import arrays  # the reader brings NumPy and Pillow: only when data is asked for

        return arrays.Arrays(location)
