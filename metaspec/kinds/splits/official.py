from typing import Any, ClassVar

from metaspec.spec.base import Size, field
from metaspec.spec.kind import Split


class Official(Split):
    """The data set's own: Omniglot's background set for training, its evaluation set for test."""

    by_folder: ClassVar[bool] = True

    validation: Size = field(5, doc="alphabets of the background set for validation, the last by name")

    def division(self) -> Any:
        from metaspec.data import splits

        return splits.Official(self.validation)
