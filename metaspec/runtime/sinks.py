"""Where events go: into events.jsonl, and to whoever else asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from metaspec.runtime.errors import disk
from metaspec.runtime.events import Event, Iterated, Sink, record


def all_of(sinks: Sequence[Sink]) -> Sink:
    """One sink that passes each event to all of them, in their order."""

    def notify(event: Event) -> None:
        for sink in sinks:
            sink(event)

    return notify


@contextmanager
def events_file(path: Path) -> Iterator[Sink]:
    """Appends events, each as one line with its time (UTC, seconds); the updates are in metrics.jsonl."""
    with disk(path):
        path.touch()
        file = path.open("r+b", buffering=0)
    with file:
        with disk(path):
            file.truncate(_whole_lines(file.read()))
            file.seek(0, 2)

        def write(event: Event) -> None:
            if isinstance(event, Iterated):
                return
            with disk(path):
                file.write(json.dumps({"time": round(time.time(), 3)} | record(event)).encode() + b"\n")

        yield write


def _whole_lines(content: bytes) -> int:
    """Bytes up to the end of the last whole line; a process that was killed may have left half a line."""
    return content.rfind(b"\n") + 1
