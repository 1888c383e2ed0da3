from typing import Any

from metaspec.spec.base import Fraction, Size, field
from metaspec.spec.kind import Split


class Fractions(Split):
    """Shares of the classes, drawn by seed."""

    validation: Fraction = field(0.2, doc="share of the classes for validation")
    test: Fraction = field(0.2, doc="share of the classes for test")
    seed: Size = field(0, doc="seed of the draw")

    def division(self) -> Any:
        from metaspec.data import splits

        return splits.Fractions(self.validation, self.test, self.seed)
