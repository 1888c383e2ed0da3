"""The members of clusters: instances of task blocks, and which of them the tasks of a meta-iteration are.

A `problems` block is a pool of instances; of any other task one block is one instance, whose tasks are drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metaspec.seeds import generator
from metaspec.spec.base import Frozen
from metaspec.spec.kind import Task


class Member(Frozen):
    """One instance of a task block."""

    task: str
    instance: int = 0

    def __str__(self) -> str:
        return f"{self.task}[{self.instance}]"


def is_pool(task: Task) -> bool:
    """Whether the tasks of a block are its instances, and not drawn anew each time."""
    return "instances" in type(task).model_fields


def members(tasks: Mapping[str, Task], names: Iterable[str]) -> tuple[Member, ...]:
    """Every instance of the named blocks, block by block in this order: the numbering of instances in a cluster."""
    return tuple(
        Member(task=name, instance=number)
        for name in names
        for number in range(tasks[name].instances if is_pool(tasks[name]) else 1)
    )


def taken(pool: Sequence[Member], tasks: int, seed: int, cluster: str, iteration: int) -> tuple[Member, ...]:
    """The instances that the tasks of a cluster are, for trajectories that begin with this meta-iteration.

    Each is there equally often where the number of tasks is a multiple of theirs. Otherwise the rest is drawn
    without putting back, so that no instance is taken twice more than another. In the order of the pool.
    """
    whole, rest = divmod(tasks, len(pool))
    chosen = list(range(len(pool))) * whole
    if rest:
        draw = generator(seed, f"instances/{cluster}", iteration)
        chosen += draw.permutation(len(pool))[:rest].tolist()
    return tuple(pool[place] for place in sorted(chosen))
