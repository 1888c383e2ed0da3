"""The 1,797 handwritten digits that scikit-learn carries: 8 x 8 pixels, 10 classes, no files needed.

E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository (1998).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Progress, class_table
from metaspec.data.errors import DataError

# Known beforehand, because importing scikit-learn takes longer than a whole check may.
_COUNTS = (178, 182, 177, 183, 181, 182, 181, 179, 174, 180)
_INK_LEVELS = 16


@dataclass(frozen=True)
class Digits:
    """Items are 8 x 8 x 1, float32 in 0 .. 1, ink 1 on 0."""

    in_memory = True

    def table(self) -> ClassTable:
        classes = [ClassEntry(str(digit), count) for digit, count in enumerate(_COUNTS)]
        return class_table("digits", (8, 8, 1), "float32", classes, {})

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        from sklearn.datasets import load_digits

        bunch = load_digits()
        order = np.argsort(bunch.target, kind="stable")
        if not np.array_equal(bunch.target[order], table.row_classes()):
            raise DataError(
                "arrays",
                "this version of scikit-learn carries another set of digits",
                f"expected {', '.join(map(str, _COUNTS))} items of the digits 0 to 9; use another version",
            )
        items[...] = (bunch.images[order, :, :, None] / _INK_LEVELS).astype(np.float32)
        if progress:
            progress(table.items, table.items)
