from pathlib import Path
from typing import TYPE_CHECKING

from metaspec.kinds.from_files import FromFiles
from metaspec.spec.base import field

if TYPE_CHECKING:
    from metaspec.data.classes import Source


class Csv(FromFiles):
    """A table in a text file: a row for each item, its class in one column, numbers in the others.

    The first line names the columns. Text is UTF-8, a field may stand in double quotes; every number is finite.
    """

    path: str = field(doc="the csv file")
    label: str = field("label", doc="the column of the classes")
    separator: str = field(",", doc="what stands between two fields, one character")
    standardise: bool = field(True, doc="whether each column gets the mean 0 and the deviation 1, over all rows")

    def reader(self, location: Path) -> "Source":
        from metaspec.data import csv  # the reader brings NumPy: only when data is asked for

        return csv.Csv(location, self.label, self.separator, self.standardise)
