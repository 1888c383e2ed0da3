from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.from_files import Rotated
from metaspec.kinds.splits.official import Official
from metaspec.spec.base import Count, field
from metaspec.spec.kind import Split

if TYPE_CHECKING:
    import numpy as np

    from metaspec.data.classes import Source


class Omniglot(Rotated):
    """1,623 characters of 50 alphabets, twenty drawings each (Lake et al. 2015), in the official layout."""

    references = ("lake2015",)

    path: str = field("omniglot", doc="folder or zip with images_background and, where it is used, images_evaluation")
    split: SerializeAsAny[Split] = field(Official(validation=5), doc="which classes are for what")
    size: Count = field(28, doc="height and width in pixels after resizing from 105")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("box", doc="Pillow's filter for resizing")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 1)

    def reader(self, location: Path) -> "Source":
        from metaspec.data import omniglot  # the reader brings NumPy and Pillow: only when data is asked for

        return omniglot.Omniglot(location, self.size, self.resize)

    def picture(self, content: bytes, name: str) -> "np.ndarray":
        from metaspec.data.images import decode_image

        return decode_image(content, name, (self.size, self.size), 1, self.resize, invert=True)
