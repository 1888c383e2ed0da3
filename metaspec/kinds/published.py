"""What the published few-shot data sets of pictures have in common."""

from importlib import import_module
from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.from_files import Rotated
from metaspec.kinds.splits.official import Official
from metaspec.spec.base import Count, field
from metaspec.spec.kind import Split

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from metaspec.data.classes import Source


class PublishedPictures(Rotated):
    """Pictures in colour with an official split. A kind gives `path` and `size` their defaults."""

    path: str = field(doc="folder with the published files, or a zip of pictures and their lists")
    split: SerializeAsAny[Split] = field(Official(validation=0), doc="which classes are for what")
    size: Count = field(doc="height and width in pixels after resizing")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("bilinear", doc="Pillow's filter for resizing")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3)

    def reader(self, location: "Path") -> "Source":
        reader = import_module(self.executed_by.format(name=self.name))  # it brings NumPy and Pillow
        return reader.source(location, self.size, self.resize)

    def picture(self, content: bytes, name: str) -> "np.ndarray":
        from metaspec.data.images import decode_image

        return decode_image(content, name, (self.size, self.size), 3, self.resize)
