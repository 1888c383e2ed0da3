"""Whether training had levelled off at its end: its last fifth against the fifth before, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

_FEWEST = 50  # meta-iterations below which nothing is said
_RISING = ("accuracy", "return")  # of these more is better, of losses less


def levelling(updates: Sequence[dict[str, Any]]) -> str:
    """The sentence; empty for a run too short to say.

    Meta-iterations draw tasks of their own, so that their figures are taken as independent; a difference counts where it
    is more than 1.96 standard errors.
    """
    names = [name for name in updates[-1] if name not in ("iteration", "gradient_norm")] if updates else []
    if not names:
        return ""
    metric = next((name for name in _RISING if name in names), names[0])
    found = [(line["iteration"], line[metric]) for line in updates if isinstance(line.get(metric), int | float)]
    if len(found) < _FEWEST or not np.isfinite([value for _, value in found]).all():
        return ""
    fifth = len(found) // 5
    last, before = (np.array([value for _, value in part]) for part in (found[-fifth:], found[-2 * fifth : -fifth]))
    change = float(last.mean() - before.mean())
    half = 1.96 * sqrt((last.var(ddof=1) + before.var(ddof=1)) / fifth)
    word, first, end = metric.replace("_", " "), found[-fifth][0], found[-1][0]
    against = "against the fifth before"
    where = f"In the last fifth of training, meta-iterations {first:_} to {end:_}, the {word} of training tasks"
    if abs(change) <= half:
        return f"{where} changed by {change:+.2g} ± {half:.2g} {against}, no more than by chance: training had levelled off."
    better = (change > 0) == (metric in _RISING)
    went = f"{where} {'rose' if change > 0 else 'fell'} by {abs(change):.2g} ± {half:.2g} {against}"
    return f"{went}: training {'had not levelled off, and more may help' if better else 'was getting worse'}."
