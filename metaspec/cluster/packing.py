"""Cluster groups of equal length: items with lengths are packed into a number of groups, the longest kept short.

This is scheduling on identical machines (P || Cmax). Up to `EXACT` items a branch and bound finds an optimum;
beyond, the better of LPT (Graham 1969, at most 4/3 - 1/(3m) of the optimum) and MULTIFIT (Coffman, Garey and
Johnson 1978, at most 13/11) is taken. Everything is a function of the lengths: equal ones give equal groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

Packing = tuple[tuple[int, ...], ...]  # of each group the items' positions, ascending

EXACT = 12  # items; a twelfth of a second in the worst case
_BISECTIONS = 20  # of the capacity in MULTIFIT; the classical bound holds from 7 on


def pack(lengths: Sequence[float], groups: int) -> Packing:
    """The items in `groups` groups, ordered by their first item; groups that stay empty come last.

    lengths: at least 0, in any unit. groups: at least 1.
    """
    if len(lengths) <= EXACT:
        return canonical(branch_and_bound(lengths, groups))
    return canonical(min(lpt(lengths, groups), multifit(lengths, groups), key=lambda found: makespan(lengths, found)))


def loads(lengths: Sequence[float], packing: Packing) -> tuple[float, ...]:
    """The length of each group: the sum over its items, rounded once, so that their order does not matter."""
    return tuple(fsum(lengths[item] for item in group) for group in packing)


def makespan(lengths: Sequence[float], packing: Packing) -> float:
    """The length of the longest group."""
    return max(loads(lengths, packing))


def canonical(packing: Packing) -> Packing:
    """The same groups in one order, so that packings compare."""
    return tuple(sorted((tuple(sorted(group)) for group in packing), key=lambda group: group or (float("inf"),)))


def lpt(lengths: Sequence[float], groups: int) -> Packing:
    """Longest processing time first: each item, from the longest on, into the group that is shortest by then."""
    totals = [0.0] * groups
    found: list[list[int]] = [[] for _ in range(groups)]
    for item in _longest_first(lengths):
        group = totals.index(min(totals))
        totals[group] += lengths[item]
        found[group].append(item)
    return tuple(tuple(group) for group in found)


def multifit(lengths: Sequence[float], groups: int) -> Packing:
    """The smallest capacity for which first-fit decreasing needs no more than `groups` groups, by bisection."""
    total, longest = sum(lengths), max(lengths, default=0.0)
    low, high = max(total / groups, longest), max(2 * total / groups, longest)
    best = _first_fit(lengths, groups, high) or lpt(lengths, groups)  # rounding can spoil the upper bound
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        found = _first_fit(lengths, groups, middle)
        if found is None:
            low = middle
        else:
            best, high = found, middle
    return best


def branch_and_bound(lengths: Sequence[float], groups: int) -> Packing:
    """A packing whose longest group is as short as it can be.

    Items are placed from the longest on. A branch is left when its longest group reaches that of the best packing
    so far, or when it differs from another one only by the names of groups of equal length.
    """
    order = _longest_first(lengths)
    found = lpt(lengths, groups)
    best, bound = found, makespan(lengths, found)
    least = max(sum(lengths) / groups, max(lengths, default=0.0))
    totals, places = [0.0] * groups, [0] * len(order)

    def place(position: int, longest: float) -> None:
        nonlocal best, bound
        if position == len(order):
            best = tuple(
                tuple(item for item, group in zip(order, places, strict=True) if group == number)
                for number in range(groups)
            )
            bound = longest
            return
        length, tried = lengths[order[position]], set()
        for group in range(groups):
            before = totals[group]
            if before in tried or bound <= least or before + length >= bound:
                continue
            tried.add(before)
            totals[group], places[position] = before + length, group
            place(position + 1, max(longest, before + length))
            totals[group] = before

    place(0, 0.0)
    return best


def _longest_first(lengths: Sequence[float]) -> list[int]:
    """Positions by length, the longest first; of equal ones the first first."""
    return sorted(range(len(lengths)), key=lambda item: -lengths[item])


def _first_fit(lengths: Sequence[float], groups: int, capacity: float) -> Packing | None:
    """Each item, from the longest on, into the first group with room; None where an item fits nowhere."""
    totals = [0.0] * groups
    found: list[list[int]] = [[] for _ in range(groups)]
    for item in _longest_first(lengths):
        group = next((g for g in range(groups) if totals[g] + lengths[item] <= capacity), None)
        if group is None:
            return None
        totals[group] += lengths[item]
        found[group].append(item)
    return tuple(tuple(group) for group in found)
