"""What can be wrong with data, as one exception that names the problem and the way out.

This package does not know where in a spec a setting was written. The resolver does: it turns a
`DataError` into a diagnostic and uses `field` to find the place to underline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Problem = Literal[
    "path-missing",  # nothing at the path
    "permission",  # a file or folder may not be read
    "path-outside",  # the path leaves the folders that may be read
    "empty",  # the path holds no items
    "layout",  # files are there, but not in the layout that the reader expects
    "broken-image",  # an image cannot be decoded
    "broken-archive",  # a zip or npz file cannot be read
    "arrays",  # an npz lacks an array, or its arrays do not fit each other
    "setting",  # a setting of the reader has no meaning
    "split",  # the split cannot be made from these classes
    "shared-class",  # two parts of a split hold the same class
    "too-few-classes",  # fewer classes than ways
    "too-few-items",  # a class with fewer items than an episode needs
    "cache",  # the cache folder cannot be written
    "download",  # an archive could not be fetched
    "checksum",  # an archive was fetched and is not the expected one
    "csv",  # a table whose columns or numbers cannot be read
    "text",  # a text that cannot be read, or has nothing to predict
]


@dataclass(eq=False)
class DataError(Exception):
    """A mistake in the data or in the settings of a reader.

    code: which problem. message: one sentence, names the file, class or setting. help: what to do.
    field: the setting at fault ("path", "split", "ways", "shots", ...), where one is.
    """

    code: Problem
    message: str
    help: str
    field: str | None = None

    def __post_init__(self) -> None:
        # `args` is what pickling uses, and a worker process sends its errors pickled.
        super().__init__(self.code, self.message, self.help, self.field)

    def __str__(self) -> str:
        return f"{self.message} ({self.help})"
