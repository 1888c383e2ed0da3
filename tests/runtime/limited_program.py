"""The real program, whose worker gets a fixed amount of memory for its meta-gradients beyond what it has by then."""

from __future__ import annotations

from pathlib import Path

from numpy_program import limit_memory

from metaspec.backend import tracing
from metaspec.plan.model import Plan

ROOM = 2**30  # bytes; TensorFlow and the code that it loads take half of them


class Limited:
    def __init__(self, program) -> None:
        self.program, self.limited = program, False

    def __getattr__(self, name: str):
        return getattr(self.program, name)

    def gradient(self, *arguments):
        if not self.limited:
            limit_memory(ROOM)
            self.limited = True
        return self.program.gradient(*arguments)


def ready(plan: Plan, cache: Path) -> Limited:
    return Limited(tracing.ready(plan, cache))


def rehearse(program: Limited, part: int, parts: int) -> None:
    tracing.rehearse(program.program, part, parts)
