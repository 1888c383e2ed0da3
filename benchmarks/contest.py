"""What the problems share: where things lie, who is started how, whether all compute the same, and what a row is."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import fixture
from benchmarks.protocol import Competitor

# Largest relative difference between two meta-gradients in float64.
TOLERANCE = 1e-8


class Disagreement(Exception):
    """Two competitors do not compute the same meta-gradient."""


@dataclass(frozen=True)
class Row:
    """A ratio, larger being better for metaspec, and what it should at least be."""

    problem: str
    what: str
    ratio: float
    wanted: float | None

    @property
    def reached(self) -> float:
        """The share of what is wanted; rows without a wish come last."""
        return float("inf") if self.wanted is None else self.ratio / self.wanted


@dataclass
class Place:
    """A folder for everything that is written, the peers' interpreter, and figures that are not ratios."""

    folder: Path
    peers: str
    figures: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self, opened: ExitStack, name: str, module: str, one_core: bool = False) -> Competitor:
        """Starts a competitor, which ends with `opened`; with `one_core` on the last core alone, the same for all."""
        environment = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"} if one_core else {}
        python = sys.executable if module.endswith("metaspec_side") else self.peers
        competitor = Competitor(name, python, module, environment, self.folder / "competitors.log")
        if one_core:  # before its libraries start threads, which then stay there too
            os.sched_setaffinity(competitor.pid, {max(os.sched_getaffinity(0))})
        opened.callback(competitor.close)
        return competitor


def compare(peers: list[Competitor], reference: Path, folder: Path) -> float:
    """The largest relative difference of the peers' meta-gradients from metaspec's. Raises Disagreement."""
    ours = fixture.load(str(reference), "gradient")
    worst = 0.0
    for peer in peers:
        path = str(folder / "peer.npz")
        peer.ask("gradient", source=str(reference), path=path)
        worst = max(worst, found := fixture.distance(fixture.load(path, "gradient"), ours))
        if not found <= TOLERANCE:
            raise Disagreement(f"the meta-gradients of {peer.name} and metaspec differ by {found:.1e} of their norm")
    return worst


def load_average() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())
