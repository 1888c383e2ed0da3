from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.splits.official import Official
from metaspec.spec.base import Count, Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Omniglot(Data):
    """1,623 characters of 50 alphabets, twenty drawings each (Lake et al. 2015), in the official layout."""

    references = ("lake2015",)

    path: str = field("omniglot", doc="folder or zip with images_background and, where it is used, images_evaluation")
    split: SerializeAsAny[Split] = field(Official(validation=5), doc="which classes are for what")
    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a class of its own in training"
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")
    size: Count = field(28, doc="height and width in pixels after resizing from 105")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("box", doc="Pillow's filter for resizing")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 1)

    def source(self, location: Path | None) -> "Source":
        from metaspec.data import omniglot  # the reader brings NumPy and Pillow: only when data is asked for

        return omniglot.Omniglot(location, self.size, self.resize)
