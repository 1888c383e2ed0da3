"""The rows of the benchmark: one problem each, and who competes in it."""

from __future__ import annotations

from dataclasses import dataclass

STRETCH = 250  # meta-iterations of one compiled call, on both sides


@dataclass(frozen=True)
class Problem:
    """A spec with overrides, and what is wanted of it.

    iterations: meta-iterations of one competitor in one round. tasks: of one meta-iteration.
    """

    name: str
    spec: str
    overrides: tuple[str, ...]
    tasks: int
    iterations: int
    steps: int = 1


CHARACTERS = (
    Problem("characters, query 1", "characters.meta", ("characters.queries=1",), 32, 6),
    Problem("characters, query 15", "characters.meta", ("characters.queries=15",), 32, 2),
)
SINUSOIDS = (
    Problem("sinusoid, 1 inner step", "sinusoid.meta", ("inner.steps=1",), 25, 4 * STRETCH, 1),
    Problem("sinusoid, 5 inner steps", "sinusoid.meta", ("inner.steps=5",), 25, STRETCH, 5),
)
