from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SerializeAsAny

from metaspec.kinds.splits.classes import Classes
from metaspec.spec.base import Fraction, Size, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Digits(Data):
    """The 1,797 handwritten digits that come with scikit-learn, 8x8 grey, ten classes."""

    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")
    split: SerializeAsAny[Split] = field(
        Classes(validation=2, test=3), doc="which classes are for what, in `fewshot` tasks"
    )
    seed: Size = field(0, doc="seed of the division of items, in `training` tasks")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (8, 8, 1)

    def idle(self, trains: bool) -> tuple[str, ...]:
        return super().idle(trains) if trains else (*super().idle(trains), "seed")

    def source(self, location: Path | None) -> "Source":
        from metaspec.data import digits  # the reader brings NumPy and Pillow: only when data is asked for

        return digits.Digits()
