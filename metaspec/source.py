"""Where a piece of a spec stands: the text it came from, and the stretch of that text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One text with a name: a file, an override from the command line, or a text made by a program.

    Two sources are equal only when they are the same object, so that a `Span` compares and hashes
    without touching the text.
    """

    name: str
    text: str
    path: Path | None = None
    _line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        object.__setattr__(self, "_line_starts", tuple(starts))

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read a UTF-8 file. A byte order mark is dropped and line ends become `\\n`.

        Raises OSError when the file cannot be read and UnicodeDecodeError when it is not UTF-8.
        """
        return cls(str(path), path.read_text(encoding="utf-8-sig"), path)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both counted from 1; a column counts characters."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column counted from 1, held inside the line and the text."""
        line = min(max(line, 1), self.line_count)
        start = self._line_starts[line - 1]
        return min(start + max(column, 1) - 1, start + len(self.line(line)))

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line end."""
        start = self._line_starts[number - 1]
        end = self._line_starts[number] - 1 if number < self.line_count else len(self.text)
        return self.text[start:end]

    @property
    def line_count(self) -> int:
        return len(self._line_starts)


@dataclass(frozen=True, slots=True)
class Span:
    """The characters `start` (included) to `end` (excluded) of a source."""

    source: Source
    start: int
    end: int

    @classmethod
    def whole(cls, source: Source) -> Span:
        return cls(source, 0, len(source.text))

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Line of the first character, counted from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, counted from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_position(self) -> tuple[int, int]:
        """Line and column just after the last character, both counted from 1."""
        return self.source.position(self.end)

    @property
    def where(self) -> str:
        """`file.meta:12:3`, for messages and provenance."""
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one in the same source."""
        return Span(self.source, self.start, other.end)
