"""A worker as an actor: it says that it is there, builds its program once, then answers work."""

from __future__ import annotations

import io
import os
import sys
import time
import traceback
from collections.abc import Mapping
from contextlib import redirect_stderr
from typing import Any

from metaspec.data.errors import DataError
from metaspec.runtime import worker
from metaspec.runtime.protocol import Broadcast, Broken, Build, Done, Failed, Ready, Work


class Actor:
    """Every answer comes with what the worker wrote to its log meanwhile."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """environment: variables to be set before TensorFlow is loaded."""
        os.environ.update(environment)
        self._program: Any = None

    def hello(self) -> tuple[int, str]:
        """The process's number: the actor has been placed."""
        return os.getpid(), ""

    def build(self, order: Build) -> tuple[Ready | Broken, str]:
        began = time.perf_counter()
        with redirect_stderr(io.StringIO()) as log:
            try:
                self._program = worker.build(order)
            except Exception as problem:
                traceback.print_exc(file=sys.stderr)
                return Broken(
                    worker.summary(problem), problem if isinstance(problem, DataError) else None
                ), log.getvalue()
        return Ready(time.perf_counter() - began), log.getvalue()

    def answer(self, work: Work, meta: Broadcast | None) -> tuple[Done | Failed, str]:
        with redirect_stderr(io.StringIO()) as log:
            found = worker.answer(self._program, work, meta or Broadcast(0, {}))
        return found, log.getvalue()
