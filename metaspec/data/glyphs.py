"""Drawn characters of invented alphabets: few-shot data that needs no file.

An alphabet is a style: the points where its strokes begin and end, its mix of lines, curves and arcs, a mark
that many of its characters carry, a slant and a pen. A character is a few strokes in that style, unlike the
other characters of the alphabet. A drawing of it is the same strokes with an unsteady hand: every control
point moves, the whole is turned, sheared, scaled and shifted, and the pen's width changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.data.classes import ClassEntry, ClassTable, Progress, class_table
from metaspec.data.strokes import Stroke, Style, alphabet_style, character_strokes, draw_character
from metaspec.seeds import generator

SIZE = 28

# Raised whenever the drawing code changes what it draws, so that cached items are drawn again.
_VERSION = 1

# Two characters of one alphabet whose ink correlates more than this are too alike; after so many
# attempts the least alike candidate is taken.
_ALIKE = 0.62
_ATTEMPTS = 30


@dataclass(frozen=True)
class Glyphs:
    """Items are 28 x 28 x 1, uint8, ink 255 on 0. Classes: `alphabets` times `characters`."""

    alphabets: int = 20
    characters: int = 20
    drawings: int = 20
    seed: int = 0

    in_memory = False

    def table(self) -> ClassTable:
        classes = [
            ClassEntry(
                f"{_numbered('alphabet', alphabet, self.alphabets)}/"
                f"{_numbered('character', character, self.characters)}",
                self.drawings,
                _numbered("alphabet", alphabet, self.alphabets),
            )
            for alphabet in range(self.alphabets)
            for character in range(self.characters)
        ]
        settings = {"seed": self.seed, "version": _VERSION}
        return class_table("glyphs", (SIZE, SIZE, 1), "uint8", classes, settings)

    def fill(self, table: ClassTable, items: np.ndarray, progress: Progress | None = None) -> None:
        row = 0
        for alphabet in range(self.alphabets):
            style = alphabet_style(generator(self.seed, "glyphs/alphabet", alphabet))
            inks: list[np.ndarray] = []
            for character in range(self.characters):
                strokes, ink = self._invent(style, alphabet, character, inks)
                inks.append(ink)
                hand = generator(self.seed, "glyphs/drawing", alphabet, character)
                items[row : row + self.drawings, :, :, 0] = draw_character(strokes, style, SIZE, hand, self.drawings)
                row += self.drawings
            if progress:
                progress(row, table.items)

    def _invent(
        self, style: Style, alphabet: int, character: int, inks: list[np.ndarray]
    ) -> tuple[tuple[Stroke, ...], np.ndarray]:
        """Strokes of a new character and its blurred ink, unlike the inks of the characters before it."""
        best: tuple[float, tuple[Stroke, ...], np.ndarray] | None = None
        for attempt in range(_ATTEMPTS):
            strokes = character_strokes(style, generator(self.seed, "glyphs/character", alphabet, character, attempt))
            ink = _blurred(draw_character(strokes, style, SIZE, None, 1)[0])
            likeness = max((float(ink @ other) for other in inks), default=0.0)
            if best is None or likeness < best[0]:
                best = (likeness, strokes, ink)
            if likeness < _ALIKE:
                break
        assert best is not None  # _ATTEMPTS is positive
        return best[1], best[2]


def _blurred(drawing: np.ndarray) -> np.ndarray:
    """Ink in cells of 4 x 4 pixels, centred and of length one: dot products are correlations."""
    cells = drawing.reshape(SIZE // 4, 4, SIZE // 4, 4).mean(axis=(1, 3)).ravel()
    centred = cells - cells.mean()
    return centred / max(float(np.linalg.norm(centred)), 1e-9)


def _numbered(word: str, index: int, count: int) -> str:
    """Zero-padded, so that the order by name is the order by number."""
    return f"{word}{index + 1:0{max(2, len(str(count)))}d}"
