"""What the catalogue keeps about a code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`wrong` is the shortest spec, or command, that gives the code; `right` is the same, mended."""

    title: str
    text: str
    wrong: str
    right: str
