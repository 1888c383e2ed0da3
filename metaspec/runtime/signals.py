"""Ctrl-C and SIGTERM, noticed at places of the driver's choosing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from metaspec.diagnostics import note
from metaspec.runtime.errors import Interrupted

_STOPPING = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Remembers a signal that asks the run to stop.

    `fileno` is readable once one has come, so that a wait for the pipes can watch it too.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._received: signal.Signals | None = None

    def fileno(self) -> int:
        return self._read

    def check(self) -> None:
        """Raises Interrupted once a signal has come."""
        if self._received is not None:
            raise Interrupted(note("N0701", f"stopped by {self._received.name}"))

    def receive(self, number: int, frame: FrameType | None) -> None:
        """The handler. A second Ctrl-C does not wait for the driver."""
        if self._received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._received = signal.Signals(number)
        os.write(self._write, b"!")

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


@contextmanager
def listen() -> Iterator[Signals]:
    """Signals during the block; the handlers of before are put back after it.

    Only the main thread of a process receives signals: in another thread the block hears of none.
    """
    signals = Signals()
    before = {}
    try:
        if threading.current_thread() is threading.main_thread():
            before = {number: signal.signal(number, signals.receive) for number in _STOPPING}
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signals.close()
