"""A worker: builds the program of a plan once, then answers requests until the driver is gone.

It holds nothing that cannot be sent again: the program with its graphs, and the last meta-parameters.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

from metaspec.data.errors import DataError
from metaspec.plan.model import Plan
from metaspec.resolve.python import register_module
from metaspec.runtime.memory import exhausted
from metaspec.runtime.pipes import Pipe
from metaspec.runtime.protocol import Broadcast, Broken, Build, Done, Failed, Ready, Work

PROGRAM = "metaspec.backend.tracing:ready"


def build(order: Build) -> Any:
    """The program of a plan. Whatever the factory raises comes through.

    A plan with kinds of the user's own is one that the user allowed to run them.
    """
    for path in json.loads(order.plan)["spec"]["python"]:
        register_module(Path(path))
    module, _, name = order.factory.partition(":")
    factory = getattr(import_module(module), name)
    return factory(Plan.model_validate_json(order.plan), Path(order.cache))


def main(pipe: Pipe) -> None:
    """Runs until the other end of the pipe is closed."""
    began = time.perf_counter()
    try:
        try:
            order = pipe.receive()
            program = build(order)
            if order.rehearse:
                import_module(order.factory.partition(":")[0]).rehearse(program, *order.rehearse)
        except Exception as problem:
            traceback.print_exc()
            pipe.send(Broken(summary(problem), problem if isinstance(problem, DataError) else None))
            return
        pipe.send(Ready(time.perf_counter() - began))
        _serve(program, pipe)
    except (EOFError, ConnectionError):  # the driver is gone, and with it the reason to be
        return


def _serve(program: Any, pipe: Pipe) -> None:
    meta = Broadcast(0, {})
    while True:
        message = pipe.receive()
        match message:
            case Broadcast():
                meta = message
            case Work():
                pipe.send(answer(program, message, meta))


def answer(program: Any, work: Work, meta: Broadcast) -> Done | Failed:
    """What a program makes of a piece of work; `meta` is the last broadcast that is here."""
    began = time.perf_counter()
    try:
        if work.version not in (None, meta.version):
            raise LookupError(f"meta-parameters {work.version} were asked for, {meta.version} are here")
        shared = () if work.version is None else (meta.arrays,)
        value = getattr(program, work.method)(*shared, *work.arguments)
        return Done(work.ticket, value, time.perf_counter() - began)
    except Exception as problem:
        print(f"{work.name}, attempt {work.attempt}:", file=sys.stderr)
        traceback.print_exc()
        sys.stderr.flush()
        data = problem if isinstance(problem, DataError) else None
        return Failed(work.ticket, summary(problem), data, exhausted(problem))


def summary(problem: BaseException) -> str:
    """The first line of what an exception says, for a message; the rest is in the log."""
    text = str(problem).strip()
    return text.splitlines()[0][:300] if text else type(problem).__name__
