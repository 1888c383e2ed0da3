"""Which clusters a meta-iteration uses, where it does not use all of them: the sequence of the paper's open question.

Pimpalkhute et al. 2021, section 6: "whether sequence in which task clusters are used for meta-learning has impact on
convergence time of meta learning".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from metaspec.seeds import generator


class Traits(NamedTuple):
    """What an order looks at."""

    instances: int
    difficulty: float  # floating-point operations of a mean task


def active(
    clusters: Mapping[str, Traits],
    count: int | None,
    order: str | Sequence[str],
    seed: int,
    iteration: int,
    iterations: int,
) -> tuple[str, ...]:
    """The clusters of one meta-iteration, counted from 0, in the order of `clusters`. count: None for all.

    `random` draws them anew for each meta-iteration. In the other orders the clusters stand in a line, and each
    meta-iteration takes the next of them, going around: `by_size` begins with the cluster of most instances, and a
    list is the line itself. `curriculum` goes from easy to hard: only the first N of the clusters, by operations
    of a task, are open at first, and the others open one after the other at equal distances, so that all are open
    in the last of the stages.
    """
    names = tuple(clusters)
    if count is None or count >= len(names):
        return names
    if order == "random":
        places = generator(seed, "clusters/order", iteration).permutation(len(names))[:count]
        chosen = {names[place] for place in places}
    else:
        line = _line(clusters, order)
        if order == "curriculum":
            stages = len(names) - count + 1
            line = line[: count - 1 + ceil((iteration + 1) / iterations * stages)]
        chosen = {line[(iteration * count + place) % len(line)] for place in range(count)}
    return tuple(name for name in names if name in chosen)


def _line(clusters: Mapping[str, Traits], order: str | Sequence[str]) -> tuple[str, ...]:
    if order == "by_size":
        return tuple(sorted(clusters, key=lambda name: -clusters[name].instances))
    if order == "curriculum":
        return tuple(sorted(clusters, key=lambda name: clusters[name].difficulty))
    return tuple(name for name in order if name in clusters)
