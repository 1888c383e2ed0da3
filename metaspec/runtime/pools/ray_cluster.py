"""The way to a Ray cluster, and what to say when there is none or it is full."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import ray

from metaspec.diagnostics import Diagnostic, error
from metaspec.runtime.errors import RunError
from metaspec.spec.kind import Schedule

_REACHING = 10.0  # seconds in which the head's port must answer
HOW = (
    "`ray start --head` makes this machine the head of a cluster, `ray start --address=HOST:6379` joins another to it",
    "`schedule = pool` needs no cluster",
)


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Joins the cluster as a driver; a process that has done so already keeps its connection.

    Raises RunError E0712 where none answers.
    """
    if ray.is_initialized():
        yield
        return
    _reach(address)
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError) as problem:
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise RunError(_nothing_there(address, reason)) from problem
    try:
        yield
    finally:
        ray.shutdown()


def no_room(schedule: Schedule, seconds: float) -> Diagnostic:
    """No worker was placed: what the cluster has, and what was asked of it."""
    there, free = ray.cluster_resources().get("CPU", 0.0), ray.available_resources().get("CPU", 0.0)
    return error(
        "E0713",
        f"no worker found room in the Ray cluster within {seconds:g} s: each asks for {schedule.cpus_per_worker:g} CPUs, "
        f"and of the cluster's {there:g} {free:g} are free",
        help=(
            "`cpus_per_worker` in `schedule` says what a worker asks for",
            "or add nodes, and run again with --resume",
        ),
    )


def _reach(address: str) -> None:
    """Ray itself waits long for a head that is not there."""
    host, colon, port = address.rpartition(":")
    if not colon:
        return
    if not port.isdigit() or "://" in address:
        raise RunError(
            _nothing_there(address, "an address is `auto` or host:port of the head, 6379 where nothing was chosen")
        )
    try:
        socket.create_connection((host, int(port)), timeout=_REACHING).close()
    except OSError as problem:
        raise RunError(_nothing_there(address, problem.strerror or str(problem))) from problem


def _nothing_there(address: str, reason: str) -> Diagnostic:
    return error("E0712", f"no Ray cluster at `{address}`: {reason}", help=HOW)
