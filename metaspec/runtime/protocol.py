"""What the driver and a worker say to each other, over one pipe for each worker.

The driver sends a `Build` first, then `Work`, with a `Broadcast` ahead of it when the worker does not yet
hold that version of the meta-parameters. A worker answers `Ready` or `Broken` once, then one `Done` or
`Failed` for each `Work`. An answer repeats the ticket of its work. A ticket is used once, so an answer that
comes after its work was given up is recognised and dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from metaspec.data.errors import DataError
from metaspec.runtime.arrays import Arrays


@dataclass(frozen=True, slots=True)
class Build:
    """Everything a worker needs to become one: the plan as JSON, and what makes a program of it.

    With `rehearse = (part, parts)` it also runs every graph of that part of them once, by the factory's module's
    `rehearse(program, part, parts)`, before it is ready.
    """

    plan: str
    factory: str  # "module:function", called with the plan and the cache folder
    cache: str
    rehearse: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Meta-parameters that several requests share; sent to a worker once for each version."""

    version: int
    arrays: Arrays = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the program: `METHOD(meta, *arguments)` with a broadcast, `METHOD(*arguments)` without.

    `name` says in words what it is, for messages: "shard 3 (tasks 48 to 63) of meta-iteration 12". `lane` and
    `seconds` are hints for placing it: the group whose worker should take it, None for any, and how long it may take.
    """

    method: str
    arguments: tuple[Any, ...]
    name: str
    meta: Broadcast | None = None
    lane: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Work:
    """A request on its way to a worker; `version` is the broadcast that it refers to."""

    ticket: int
    attempt: int  # from 1
    method: str
    arguments: tuple[Any, ...]
    name: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Ready:
    """The program is built."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Broken:
    """The program could not be built; trying again would not help."""

    reason: str
    data: DataError | None = None


@dataclass(frozen=True, slots=True)
class Done:
    ticket: int
    value: Any
    seconds: float = 0.0  # that the call took


@dataclass(frozen=True, slots=True)
class Failed:
    """The call raised. `reason` is one line; the traceback stands in the worker's log."""

    ticket: int
    reason: str
    data: DataError | None = None
    memory: bool = False  # that was used up
