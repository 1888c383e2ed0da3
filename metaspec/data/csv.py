"""Tables in text files: a row for each item, its class in one column, numbers in the others."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Progress, class_table
from metaspec.data.errors import DataError


@dataclass(frozen=True)
class Csv:
    """Items are the numbers of a row, (columns,) float32, in the order of the columns without `label`.

    Classes are in the order of their names; items keep their order within a class.
    """

    path: Path
    label: str
    separator: str
    standardise: bool

    in_memory = True

    def table(self) -> ClassTable:
        values, labels = self._read()
        names, counts = np.unique(labels, return_counts=True)
        content = hashlib.sha256(values.tobytes())
        content.update("\n".join(labels).encode())
        classes = [ClassEntry(str(name), int(count)) for name, count in zip(names, counts, strict=True)]
        settings = {"content": content.hexdigest(), "standardise": self.standardise}
        return class_table("csv", (values.shape[1],), "float32", classes, settings)

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        values, labels = self._read()
        if self.standardise:
            deviation = values.std(axis=0)
            values = (values - values.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
        items[...] = values[np.argsort(labels, kind="stable")]
        if progress:
            progress(table.items, table.items)

    def _read(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers (items, columns) in float64, and the labels (items,) as text. Raises DataError."""
        if not self.path.is_file():
            raise self._problem("is not a file", "give the path of a csv file")
        if len(self.separator) != 1:
            raise DataError("csv", "`separator` is one character", 'write for example separator = ";"', "separator")
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                rows = [row for row in csv.reader(file, delimiter=self.separator) if row]
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise self._problem(f"cannot be read: {error}", "save it as text in UTF-8") from error
        if len(rows) < 2:
            raise self._problem(
                "has no rows", "a line with the names of the columns comes first, then a row for each item"
            )
        header = [name.strip() for name in rows[0]]
        if self.label not in header:
            raise DataError(
                "csv", f"{self.path} has no column `{self.label}`", f"its columns are {', '.join(header)}", "label"
            )
        return self._numbers(header, rows[1:])

    def _numbers(self, header: list[str], rows: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
        place = header.index(self.label)
        columns = [number for number in range(len(header)) if number != place]
        if not columns:
            raise self._problem(f"has no column but `{self.label}`", "add the columns that are learned from")
        values = np.empty((len(rows), len(columns)))
        for number, row in enumerate(rows):
            if len(row) != len(header):
                raise self._problem(
                    f"has {len(row)} fields in row {number + 1} and {len(header)} columns", "give every row all fields"
                )
            for position, column in enumerate(columns):
                values[number, position] = self._number(row[column], header[column], number + 1)
        return values, np.array([row[place].strip() for row in rows])

    def _number(self, text: str, column: str, row: int) -> float:
        try:
            found = float(text)
        except ValueError:
            found = np.nan
        if not np.isfinite(np.float32(found)):
            raise self._problem(
                f'has "{text.strip()}" in the column `{column}` of row {row}, which is not a finite number',
                "leave the column out, or write its values as numbers",
            )
        return found

    def _problem(self, what: str, help: str) -> DataError:
        return DataError("csv", f"{self.path} {what}", help, "path")
