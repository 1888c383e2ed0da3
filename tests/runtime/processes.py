"""Which processes descend from another one, as /proc tells."""

from __future__ import annotations

import time
from pathlib import Path


def descendants(pid: int) -> set[int]:
    found = set()
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listing.read_text().split():
            found |= {int(child)} | descendants(int(child))
    return found


def alive(pid: int) -> bool:
    """A process that has ended and only waits to be buried (state Z) is not alive."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone_within(pids: set[int], seconds: float) -> set[int]:
    """Waits until none of the processes lives; returns those that still do at the end."""
    end = time.monotonic() + seconds
    while (left := {pid for pid in pids if alive(pid)}) and time.monotonic() < end:
        time.sleep(0.005)
    return left
