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
    method: str = "maml"


# The authors' settings (Rajeswaran et al. 2019) are those of the preset; the peers have them in `benchmarks.peers`.
FOMAML = ("characters.queries=15", "inner=fomaml { steps = 1, lr = 0.4 }")
IMAML = ("characters.queries=15", "inner=imaml { steps = 16, lr = 0.1 }")

CHARACTERS = (
    Problem("characters, query 1", "characters.meta", ("characters.queries=1",), 32, 6),
    Problem("characters, query 15", "characters.meta", ("characters.queries=15",), 32, 2),
    Problem("characters, FOMAML", "characters.meta", FOMAML, 32, 3, method="fomaml"),
    Problem("characters, iMAML", "characters.meta", IMAML, 32, 1, 16, method="imaml"),
)
SINUSOIDS = (
    Problem("sinusoid, 1 inner step", "sinusoid.meta", ("inner.steps=1",), 25, 4 * STRETCH, 1),
    Problem("sinusoid, 5 inner steps", "sinusoid.meta", ("inner.steps=5",), 25, STRETCH, 5),
)
