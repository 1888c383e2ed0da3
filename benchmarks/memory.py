"""Memory of a competitor: the peak of one process, and what all of its processes hold together."""

from __future__ import annotations

import threading
from pathlib import Path

MIB = 1024.0  # kilobytes, as the system counts them


def family(pid: int) -> list[int]:
    """A process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            found = _text(folder / "stat")
            if found:  # the name in brackets may hold spaces
                parent = int(found.rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(folder.name))
    members = [pid]
    for member in members:
        members += children.get(member, [])
    return members


def peak(pid: int) -> float:
    """MiB: the largest resident size that a process has had, pages it shares with others included."""
    return _kilobytes(Path(f"/proc/{pid}/status"), "VmHWM:") / MIB


def proportional(pids: list[int]) -> float:
    """MiB of several processes together: a page that n processes share counts 1/n in each (PSS)."""
    return sum(_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in pids) / MIB


class Sampler:
    """Watches a competitor's processes during a `with` block.

    `together` is the largest proportional size of all of them at one moment, `each` the largest peak of a single
    one that is alive at the end, `brief` that of one that ended before (all MiB). A process that shares pages with
    another competitor would be counted too small, so no other one of the same library may be alive.
    """

    def __init__(self, pid: int, every: float = 0.1) -> None:
        self.together = 0.0
        self._peaks: dict[int, float] = {}
        self._pid, self._every, self._last = pid, every, [pid]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self._every):
            pids = self._last = family(self._pid)
            self.together = max(self.together, proportional(pids))
            self._peaks |= {pid: max(peak(pid), self._peaks.get(pid, 0.0)) for pid in pids}

    @property
    def each(self) -> float:
        return max(self._peaks[pid] for pid in self._last)

    @property
    def brief(self) -> float:
        return max((size for pid, size in self._peaks.items() if pid not in self._last), default=0.0)


def _kilobytes(path: Path, key: str) -> float:
    for line in _text(path).splitlines():
        if line.startswith(key):
            return float(line.split()[1])
    return 0.0  # the process has ended


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
