"""A child process that cannot outlive its parent."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def die_with(parent: int) -> None:
    """Has the kernel kill this process when the process `parent`, which must be its parent, ends in any way.

    Linux only. Elsewhere a worker ends when it next reads its pipe and finds the other end closed.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    if os.getppid() != parent:  # the parent ended before the line above
        os._exit(1)


def ignore_interrupts() -> None:
    """Ctrl-C and SIGTERM reach a whole process group; only the driver may decide what follows from them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
