"""Which waiting request an idle worker takes: its own group's first, and another's before it stands still.

Placement changes who computes and when, never what: answers are put in order by whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Waiting(NamedTuple):
    """What the choice depends on, of a request that waits."""

    lane: int | None  # the group it belongs to; None for any worker
    seconds: float  # what it is expected to take
    attempt: int  # from 1


def next_for(worker: int, workers: int, waiting: Sequence[Waiting]) -> int:
    """The position of the request that `worker`, one of `workers`, takes. There is at least one.

    A worker serves the lanes that are its own number modulo `workers`. There it begins with what failed before, then
    takes the longest; of the lanes of others it takes the longest request of the one with most left to do.
    """
    own = [place for place, each in enumerate(waiting) if each.lane is None or each.lane % workers == worker]
    if not own:
        left: dict[int, float] = {}
        for each in waiting:
            if each.lane is not None:  # as all of these are
                left[each.lane] = left.get(each.lane, 0.0) + each.seconds
        longest = max(left, key=lambda lane: left[lane])
        own = [place for place, each in enumerate(waiting) if each.lane == longest]
    return max(own, key=lambda place: (waiting[place].attempt, waiting[place].seconds, -place))
