"""Rounds in turns, so that a change of the machine's load meets every competitor alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Lane:
    """One competitor in one setting. `run(iterations)` gives the seconds that they took."""

    name: str
    iterations: int
    run: Callable[[int], float]


def in_turns(lanes: list[Lane], rounds: int) -> dict[str, list[float]]:
    """Meta-iterations per second of each lane in each round; every second round goes backwards."""
    speeds: dict[str, list[float]] = {lane.name: [] for lane in lanes}
    for number in range(rounds):
        for lane in lanes if number % 2 == 0 else lanes[::-1]:
            speeds[lane.name].append(lane.iterations / lane.run(lane.iterations))
    return speeds


def ratio(speeds: Mapping[str, list[float]], one: str, other: str) -> float:
    """How many times as fast `one` is as `other`: the median over the rounds of the ratio within a round."""
    return median(a / b for a, b in zip(speeds[one], speeds[other], strict=True))
