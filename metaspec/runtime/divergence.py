"""Where a number stopped being finite: at which meta-iteration, in which task, after which inner step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metaspec.diagnostics import Diagnostic, error
from metaspec.plan.model import Shard
from metaspec.plan.problems import ALL
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.engine import Engine, Failure
from metaspec.runtime.protocol import Broadcast, Request

_NAMED = 3  # keys that a message names
_OF_CLUSTERS = "`clip_norm` in `schedule` keeps one cluster that blows up from drowning the others"


def diverged(
    engine: Engine,
    meta: Broadcast,
    iteration: int,
    shards: Sequence[Shard],
    keys: Sequence[str],
    updates: Sequence[int] = (),
    copy: int | None = None,
    carried: Arrays | None = None,
) -> Diagnostic:
    """E0705 for meta-iteration `iteration` (counted from 0): `keys` are not finite any more.

    The training tasks of `shards` are adapted once more from `meta`, step by step, to find the first figure
    that is not finite. Where all are, only the derivative overflowed, and the message names the shard.

    updates: outer updates whose tasks are looked at, that number `iteration` where there are none;
    copy: whose updates they are, where copies of the meta-model train apart;
    carried: what the only shard carries on, behind the window that diverged. Its trajectories began with other
    meta-parameters, so no search can tell the task.
    """
    named = ", ".join(f"`{key}`" for key in keys[:_NAMED])
    named += f" and {len(keys) - _NAMED} more" if len(keys) > _NAMED else ""
    where: str | None
    if carried and "trajectory" in carried:
        where = _window(carried, shards[0])
    else:
        drawn = [(update, shard) for update in updates or (iteration,) for shard in shards]
        where = next(filter(None, (_place(engine, meta, update, shard) for update, shard in drawn)), None)
    if where is None:
        where = f"in {tasks(shards[0])}" if len(shards) == 1 and copy is None else "in the outer update"
    of = "" if copy is None else f" of copy {copy}"
    return error(
        "E0705",
        f"{named} became infinite or not a number at meta-iteration {iteration + 1}, {where}{of}",
        help=(
            "a smaller inner or outer `lr`, or `clip_norm` in `outer`, usually helps",
            *(() if all(shard.cluster in (None, ALL) for shard in shards) else (_OF_CLUSTERS,)),
            "the state before it is in the last checkpoint",
        ),
    )


def tasks(shard: Shard) -> str:
    return f"tasks {shard.first} to {shard.first + shard.count - 1} of `{shard.task}`"


def _window(carried: Arrays, shard: Shard) -> str:
    began, done, _ = carried["trajectory"].tolist()
    return f"in window {done} of the trajectories of {tasks(shard)}, which began at meta-iteration {began + 1}"


def _place(engine: Engine, meta: Broadcast, update: int, shard: Shard) -> str | None:
    name = f"the search for the task that diverged in {tasks(shard)}"
    (tables,) = engine.map([Request("retrace", (update, shard), name, meta)])
    return None if isinstance(tables, Failure) else _first(tables, shard)


def _first(tables: Arrays, shard: Shard) -> str | None:
    """The task whose figures, of shape (tasks, steps + 1), cease to be finite at the earliest step."""
    bad = np.any([~np.isfinite(table) for table in tables.values()], axis=0)
    if not bad.any():
        return None
    step = int(np.argmax(bad.any(axis=0)))
    task = shard.first + int(np.argmax(bad[:, step]))
    when = f"after inner step {step}" if step else "before the first inner step"
    return f"in task {task} of `{shard.task}` {when}"
