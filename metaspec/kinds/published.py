"""What the published few-shot data sets of pictures have in common."""

from importlib import import_module
from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.splits.official import Official
from metaspec.spec.base import Count, Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from pathlib import Path

    from metaspec.data.classes import Source


class PublishedPictures(Data):
    """Pictures in colour with an official split. A kind gives `path` and `size` their defaults."""

    path: str = field(doc="folder with the published files, or a zip of pictures and their lists")
    size: Count = field(doc="height and width in pixels after resizing")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("bilinear", doc="Pillow's filter for resizing")
    split: SerializeAsAny[Split] = field(Official(validation=0), doc="which classes are for what")
    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a class of its own in training"
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3)

    def source(self, location: "Path | None") -> "Source":
        reader = import_module(self.executed_by.format(name=self.name))  # it brings NumPy and Pillow
        return reader.source(location, self.size, self.resize)
