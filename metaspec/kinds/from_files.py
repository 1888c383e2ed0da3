"""What data that lies in files have in common: where they lie, and which classes and items are for what."""

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SerializeAsAny

from metaspec.kinds.splits.fractions import Fractions
from metaspec.spec.base import Fraction, field
from metaspec.spec.kind import Data, Split

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class FromFiles(Data):
    """Items in files at `path`. A kind says what lies there."""

    path: str = field(doc="a file or a folder")
    split: SerializeAsAny[Split] = field(
        Fractions(validation=0.2, test=0.2),
        doc="which classes are for what, in `fewshot` tasks; `folders` also in `training` tasks",
    )
    validation: Fraction = field(0.2, doc="share of the items for validation, in `training` tasks")
    test: Fraction = field(0.2, doc="share of the items for test, in `training` tasks")

    def source(self, location: Path | None) -> "Source":
        if location is None:
            raise ValueError(f"{self.name} reads files, and nobody said where `{self.path}` is")
        return self.reader(location)

    def reader(self, location: Path) -> "Source":
        """What reads the items at the place that `path` leads to."""
        raise TypeError(f"{self.name} declares no reader")


class Rotated(FromFiles):
    """Items in files whose training classes may be turned, where they are pictures."""

    rotations: tuple[int, ...] = field(
        (0,), doc="turns in degrees, multiples of 90, each a training class of its own in `fewshot` tasks"
    )
