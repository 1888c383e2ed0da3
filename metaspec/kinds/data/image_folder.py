from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.splits.fractions import Fractions
from metaspec.spec.base import Count, Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class ImageFolder(Data):
    """One folder per class, of images in any format that Pillow reads; a folder or a zip."""

    path: str = field(doc="folder or zip that holds one folder per class")
    size: Count = field(84, doc="height and width in pixels after resizing")
    color: Literal["rgb", "grey"] = field("rgb", doc="three channels or one")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("bilinear", doc="Pillow's filter for resizing")
    split: SerializeAsAny[Split] = field(Fractions(validation=0.2, test=0.2), doc="which classes are for what")
    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a class of its own in training"
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3 if self.color == "rgb" else 1)

    def source(self, location: Path | None) -> "Source":
        from metaspec.data import image_folder  # the reader brings NumPy and Pillow: only when data is asked for

        return image_folder.ImageFolder(location, (self.size, self.size), 3 if self.color == "rgb" else 1, self.resize)
