from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SerializeAsAny

from metaspec.kinds.splits.alphabets import Alphabets
from metaspec.spec.base import Count, Fraction, Size, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Glyphs(Data):
    """Procedurally drawn characters in alphabets, 28x28 grey, each drawing with a jitter of its own. No files."""

    alphabets: Count = field(20, doc="alphabets, each with a style of its own")
    characters: Count = field(20, doc="characters of an alphabet")
    drawings: Count = field(20, doc="drawings of a character")
    seed: Size = field(0, doc="seed of the alphabets")
    split: SerializeAsAny[Split] = field(
        Alphabets(validation=3, test=5), doc="which classes are for what, in `fewshot` tasks"
    )
    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a training class of its own in `fewshot` tasks"
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")

    @property
    def item_shape(self) -> tuple[int, ...]:
        return (28, 28, 1)

    def source(self, location: Path | None) -> "Source":
        from metaspec.data import glyphs  # the reader brings NumPy and Pillow: only when data is asked for

        return glyphs.Glyphs(self.alphabets, self.characters, self.drawings, self.seed)
