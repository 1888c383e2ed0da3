from pathlib import Path
from typing import TYPE_CHECKING, Literal

from metaspec.kinds.from_files import Rotated
from metaspec.spec.base import Count, field

if TYPE_CHECKING:
    import numpy as np

    from metaspec.data.classes import Source


class ImageFolder(Rotated):
    """One folder per class, of images in any format that Pillow reads; a folder or a zip."""

    path: str = field(doc="folder or zip that holds one folder per class")
    size: Count = field(84, doc="height and width in pixels after resizing")
    color: Literal["rgb", "grey"] = field("rgb", doc="three channels or one")
    resize: Literal["box", "bilinear", "lanczos", "nearest"] = field("bilinear", doc="Pillow's filter for resizing")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (self.size, self.size, 3 if self.color == "rgb" else 1)

    def reader(self, location: Path) -> "Source":
        from metaspec.data import image_folder  # the reader brings NumPy and Pillow: only when data is asked for

        return image_folder.ImageFolder(location, (self.size, self.size), 3 if self.color == "rgb" else 1, self.resize)

    def picture(self, content: bytes, name: str) -> "np.ndarray":
        from metaspec.data.images import decode_image

        return decode_image(content, name, (self.size, self.size), 3 if self.color == "rgb" else 1, self.resize)
