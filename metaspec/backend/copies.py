"""A copy of the meta-model between two merges: some outer updates on tasks of its own."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from metaspec.backend.arrays import Arrays
from metaspec.plan.copies import shards_of, updates_before
from metaspec.plan.model import Plan, Shard
from metaspec.plan.tally import Tally


class Learner(Protocol):
    """What a copy needs of the program that it is trained with."""

    plan: Plan

    def gradient(self, meta: Arrays, iteration: int, shard: Shard) -> tuple[Arrays, dict[str, float], Any]:
        """The meta-gradient and the metrics, both summed over the shard's tasks, and what the shard carries on.

        `iteration` is the number of the update.
        """

    def update(self, state: Arrays, gradient: Arrays, iteration: int, age: int) -> tuple[Arrays, dict[str, float]]:
        """One outer update; `age` is the number of updates that the outer state has seen."""


def train(program: Learner, meta: Arrays, iteration: int, copy: int, outer: Arrays) -> tuple[Arrays, dict[str, float]]:
    """`epochs` updates of copy number `copy` from the merged `meta` and its outer state.

    Tasks are drawn and the outer state's age is counted by the number of the update; schedules stay where the
    meta-iteration has them. Returns the copy's state, and the metrics of its last epoch: means over the tasks that
    report them.
    """
    plan = program.plan
    exchange = plan.spec.schedule.exchange
    state = {**meta, **outer}
    row: dict[str, float] = {}
    for epoch in range(exchange.epochs):
        number = updates_before(plan, iteration) + epoch
        total: dict[str, np.ndarray] = {}
        tally = Tally()
        for shard in shards_of(plan, copy):
            gradient, metrics, _ = program.gradient(state, number, shard)
            total = added(total, gradient)
            tally.add(metrics, shard.worth)
        # An outer state that begins anew has seen the updates of this meta-iteration only.
        age = epoch if exchange.outer_state == "reset" else number
        state, extra = program.update(state, total, iteration, age)
        row = tally.means() | extra
    return state, row


def added(total: Mapping[str, np.ndarray], part: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: total[name] + value if total else value for name, value in part.items()}
