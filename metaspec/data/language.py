"""A text as pieces of equal length: the first for training, then validation, the end of the text for test."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, class_table
from metaspec.data.errors import DataError
from metaspec.data.splits import PARTS, Part

OWN = "sonnets.txt"
# Different characters up to which a text is taken for one that is written in letters.
LARGEST = 1000


@dataclass(frozen=True, eq=False)
class LanguageData:
    """characters: those of the text, sorted. numbers: the text as numbers of characters, (characters,) int32.

    bounds: the first character of each part, and the end of the last.
    """

    location: Path | None
    table: ClassTable
    characters: str
    numbers: np.ndarray
    length: int
    bounds: tuple[int, int, int, int]
    problems: tuple[DataError, ...]

    @property
    def classes(self) -> dict[str, int]:
        """Characters that each part chooses from: all of them."""
        return {part: len(self.characters) for part in PARTS}

    def pieces(self, part: Part) -> np.ndarray:
        """Whole pieces of a part with the character behind them, (pieces, length + 1); no two parts share one."""
        first = self.bounds[PARTS.index(part)]
        own = self.numbers[first : self.bounds[PARTS.index(part) + 1]]
        starts = np.arange(max(0, (len(own) - 1) // self.length)) * self.length
        return own[starts[:, np.newaxis] + np.arange(self.length + 1)]


def language_data(location: Path | None, length: int, validation: float, test: float) -> LanguageData:
    """The text at a location, or the one that comes with metaspec. Raises DataError where it cannot be read."""
    text = read(location)
    found, numbers = np.unique(np.array(list(text)), return_inverse=True)
    if len(found) > LARGEST:
        raise DataError(
            "text",
            f"{location} has {len(found)} different characters; at most {LARGEST} are predicted",
            "take a text that is written in letters",
            "text",
        )
    characters, numbers = "".join(found), numbers.astype(np.int32)
    entries = [ClassEntry(repr(each), text.count(each)) for each in characters]
    table = class_table("text", (length,), "float32", entries, {"text": text})
    held = round(len(text) * validation), round(len(text) * test)
    bounds = (0, len(text) - sum(held), len(text) - held[1], len(text))
    data = LanguageData(location, table, characters, numbers, length, bounds, ())
    short = [part for part in PARTS if not len(data.pieces(part))]
    problems = tuple(
        DataError(
            "too-few-items",
            f"the {part} part of the text has no piece of {length + 1} characters",
            f"take a longer text, shorter pieces, or a larger share for `{part}`",
            "length",
        )
        for part in short
    )
    return LanguageData(location, table, characters, numbers, length, bounds, problems)


def read(location: Path | None) -> str:
    """The text, with line ends of one character. Raises DataError."""
    if location is None:
        return (resources.files("metaspec.data") / "texts" / OWN).read_text(encoding="utf-8")
    try:
        text = location.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("text", f"{location} cannot be read as text", "save it in UTF-8", "text") from error
    if not text:
        raise DataError("text", f"{location} is empty", "give the path of a text", "text")
    return text
