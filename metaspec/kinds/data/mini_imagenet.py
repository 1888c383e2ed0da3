from typing import TYPE_CHECKING, Literal

from pydantic import SerializeAsAny

from metaspec.kinds.splits.official import Official
from metaspec.spec.base import Count, Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from pathlib import Path

    from metaspec.data.classes import Source


class MiniImagenet(Data):
    """100 classes of ImageNet, 600 pictures each, split 64-16-20 (Vinyals et al. 2016; Ravi and Larochelle 2017).

    The published files, brought by the user: see `docs/data.md` for the layouts that are read. Pickles are read without
    running code from them. Pictures are decoded once into the cache, which all workers map into their memory.
    """

    references = ("vinyals2016", "ravi2017")

    path: str = field("mini_imagenet", doc="folder with the published files, or a zip of pictures and their lists")
    size: Count = field(84, doc="height and width in pixels after resizing")
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
        from metaspec.data.mini_imagenet import (
            source,
        )  # the reader brings NumPy and Pillow: only when data is asked for

        return source(location, self.size, self.resize)
