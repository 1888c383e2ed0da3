"""How far a run is: all that its rest depends on, besides the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

from metaspec.runtime.arrays import Arrays


@dataclass(frozen=True, slots=True)
class Best:
    """The meta-parameters with the best evaluation so far."""

    iteration: int
    metric: str
    score: float
    meta: Arrays = field(repr=False)


@dataclass(frozen=True, slots=True)
class Position:
    """After `iteration` outer updates."""

    iteration: int
    state: Arrays = field(repr=False)  # meta-parameters and outer state
    best: Best | None = None
    evaluated: int = -1  # iteration of the last evaluation
    seconds: float = 0.0  # of work so far, over all resumptions
    training_seconds: float = 0.0  # of them, in outer updates: without start, evaluations and checkpoints
    skipped: int = 0  # tasks left out by `on_failure = skip`
