from typing import Any

from metaspec.spec.base import Size, field
from metaspec.spec.kind import Split


class Characters(Split):
    """Characters drawn by seed over all alphabets, as Vinyals et al. 2016 did for Omniglot."""

    validation: Size = field(0, doc="characters for validation")
    test: Size = field(doc="characters for test")
    seed: Size = field(0, doc="seed of the draw")

    def division(self) -> Any:
        from metaspec.data import splits

        return splits.Characters(self.validation, self.test, self.seed)
