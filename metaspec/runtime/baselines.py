"""The held-out comparison with tuned baselines.

Every baseline is tuned for each task block by itself: of the step sizes of a grid it takes the one whose loss after the
last step is lowest on validation tasks. Then it starts where the learned method starts, on the test tasks that the
learned method is evaluated on, with the same batches and noise. Test tasks are never tuned on.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metaspec.plan.baselines import RATES
from metaspec.plan.model import Plan, Shard
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.engine import Engine, Failure, failed
from metaspec.runtime.evaluation import DRAW, half_widths
from metaspec.runtime.metrics import json_numbers
from metaspec.runtime.protocol import Request
from metaspec.runtime.result import Comparison, Contender

EPSILON = 1e-6
LOSS = "query_loss"


def compare(plan: Plan, engine: Engine, tables: Sequence[Arrays]) -> tuple[Comparison, ...]:
    """One comparison for each evaluated task block.

    tables: the metrics of the plan's own method on the test tasks, (tasks, steps + 1), in the order of the shards.
    """
    shards = plan.execution.evaluation
    blocks = tuple(dict.fromkeys(shard.task for shard in shards))
    own = {
        block: _curves([t[LOSS] for t, s in zip(tables, shards, strict=True) if s.task == block]) for block in blocks
    }
    found = {block: [_contender(plan.spec.inner.name, own[block])] for block in blocks}
    for name in plan.spec.evaluate.against:
        rates = _tuned(plan, engine, name, blocks)
        requests = [_request(name, (rates[shard.task],), "test", shard) for shard in shards]
        losses = _answers(engine, requests)
        for block in blocks:
            curves = _curves([each[0] for each, shard in zip(losses, shards, strict=True) if shard.task == block])
            found[block].append(_contender(name, curves, rates[block], own[block]))
    return tuple(Comparison(task=block, tasks=len(own[block]), contenders=tuple(found[block])) for block in blocks)


def _tuned(plan: Plan, engine: Engine, name: str, blocks: Sequence[str]) -> dict[str, float]:
    """The best step size of the grid for each task block, on validation tasks."""
    shards = plan.execution.evaluation
    losses = _answers(engine, [_request(name, RATES, "validation", shard) for shard in shards])
    best = {}
    for block in blocks:
        tables = [each for each, shard in zip(losses, shards, strict=True) if shard.task == block]
        ends = [float(np.mean(_curves([table[place] for table in tables])[:, -1])) for place in range(len(RATES))]
        best[block] = RATES[int(np.argmin([end if np.isfinite(end) else np.inf for end in ends]))]
    return best


def _curves(losses: Sequence[np.ndarray]) -> np.ndarray:
    """log(f_t / (f_0 + 1e-6) + 1e-6) of every task, (tasks, steps + 1), as the log objective has it."""
    values = np.concatenate(losses).astype(np.float64)
    with np.errstate(all="ignore"):  # what diverges is not finite, and stays so
        return np.log(values / (values[:, :1] + EPSILON) + EPSILON)


def _contender(name: str, curves: np.ndarray, rate: float | None = None, own: np.ndarray | None = None) -> Contender:
    """`own` are the curves of the plan's own method, for what is compared with it."""
    compared = {"ahead": None, "ahead_half_width": None} if own is None else _compared(own[:, -1:], curves[:, -1:])
    with np.errstate(invalid="ignore"):
        return Contender(
            name=name,
            rate=rate,
            at_the_end_of_the_grid=rate in (RATES[0], RATES[-1]),
            mean=json_numbers(curves.mean(axis=0)),
            half_width=half_widths(curves),
            **compared,
        )


def _compared(own: np.ndarray, other: np.ndarray) -> dict[str, float | str | None]:
    """Of values after the last step, (tasks, 1)."""
    with np.errstate(invalid="ignore"):
        (ahead,), (half,) = json_numbers((own - other).mean(axis=0)), half_widths(own - other)
    finite = bool(np.isfinite(own).all()), bool(np.isfinite(other).all())
    if finite[0] != finite[1]:
        outcome = "win" if finite[0] else "loss"
    elif ahead is None or half is None or abs(ahead) <= half:
        outcome = "even"
    else:
        outcome = "win" if ahead < 0 else "loss"
    return {"ahead": ahead, "ahead_half_width": half, "outcome": outcome}


def _request(name: str, rates: Sequence[float], split: str, shard: Shard) -> Request:
    last = shard.first + shard.count - 1
    what = f"`{name}` on {split} tasks {shard.first} to {last} of `{shard.task}`"
    return Request("baseline", (name, tuple(rates), split, DRAW, shard), what)


def _answers(engine: Engine, requests: Sequence[Request]) -> list[np.ndarray]:
    """(rates, tasks, steps + 1) of each."""
    answers = list(engine.map(requests))
    for answer in answers:
        if isinstance(answer, Failure):
            raise failed(answer)
    return answers
