from typing import Any

from metaspec.spec.base import Size, field
from metaspec.spec.kind import Split


class Alphabets(Split):
    """Whole alphabets: the last by name are for test, those before them for validation, the rest for training."""

    validation: Size = field(0, doc="alphabets for validation")
    test: Size = field(doc="alphabets for test")

    def division(self) -> Any:
        from metaspec.data import splits

        return splits.Alphabets(self.validation, self.test)
