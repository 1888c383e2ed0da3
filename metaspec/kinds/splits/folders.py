from typing import Any, ClassVar

from metaspec.spec.base import Fraction, Size, field
from metaspec.spec.kind import Split


class Folders(Split):
    """Your own folders: `train`, `validation` (or `val`, `valid`) and `test`, each with one folder per class.

    In a `fewshot` task a class lies in one of them. In a `training` task every class lies in `train`, and its items in
    `validation` and `test` are those of these parts; the data's own shares count nothing then.
    """

    by_folder: ClassVar[bool] = True
    of_items: ClassVar[bool] = True

    validation: Fraction = field(
        0.2, doc="share of `train` for validation, drawn by seed, where there is no folder `validation`"
    )
    seed: Size = field(0, doc="seed of the draw")

    def division(self) -> Any:
        from metaspec.data import folders

        return folders.Folders(self.validation, self.seed)
