"""The last few of what is slow to make and comes back."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from metaspec.plan.model import Plan

T = TypeVar("T")

FEWEST = 32


def shards_of_pools(plan: Plan) -> int:
    """About how many different shards of instances come back to a program: those of a meta-iteration, every instance
    alone, and the evaluations on two splits.

    Fewer places than shards that come in turn would be no places at all: each would make room for the next.
    """
    execution = plan.execution
    at_once = max(len(execution.shards), sum(cluster.tasks for cluster in execution.clusters))
    instances = sum(len(task.instances) for task in plan.tasks)
    return max(FEWEST, at_once + instances + 2 * len(execution.evaluation))


class Kept(Generic[T]):
    """At most `limit` values by name; the one made first makes room. What comes out is what `make` would give."""

    def __init__(self, limit: int) -> None:
        self._limit, self._values = limit, {}

    def value(self, name: Hashable, make: Callable[[], T]) -> T:
        if name not in self._values:
            if len(self._values) >= self._limit:
                self._values.pop(next(iter(self._values)))
            self._values[name] = make()
        return self._values[name]
