"""Metrics of shards, on the way to means over tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Sums over shards in their order. A mean is over the tasks that report a metric: some problems have no accuracy."""

    _sums: dict[str, float] = field(default_factory=dict)
    _tasks: dict[str, float] = field(default_factory=dict)

    def add(self, metrics: Mapping[str, float], tasks: float) -> None:
        """metrics: of one shard, each summed over its tasks. tasks: their worth."""
        for name, value in metrics.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._tasks[name] = self._tasks.get(name, 0.0) + tasks

    def means(self) -> dict[str, float]:
        return {name: value / self._tasks[name] for name, value in self._sums.items()}
