from typing import Any

from metaspec.spec.base import Size, field
from metaspec.spec.kind import Split


class Classes(Split):
    """Classes drawn by seed from all groups, as Vinyals et al. 2016 drew characters from all alphabets of Omniglot."""

    validation: Size = field(0, doc="classes for validation")
    test: Size = field(doc="classes for test")
    seed: Size = field(0, doc="seed of the draw")

    def division(self) -> Any:
        from metaspec.data import splits

        return splits.Classes(self.validation, self.test, self.seed)
