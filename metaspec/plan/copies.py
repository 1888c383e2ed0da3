"""Copies of the meta-model that exchange weights: which tasks each of their updates has, and how updates are counted."""

from metaspec.kinds.exchanges.weights import Weights
from metaspec.plan.model import Plan, Shard
from metaspec.spec.spec import Spec


def exchange_of_weights(spec: Spec) -> Weights | None:
    """The exchange of a schedule whose copies merge; None where workers exchange gradients."""
    found = getattr(spec.schedule, "exchange", None)
    return found if isinstance(found, Weights) else None


def updates_before(plan: Plan, iteration: int) -> int:
    """Outer updates that a copy has made before meta-iteration `iteration` (from 0)."""
    return iteration * plan.spec.schedule.exchange.epochs


def iteration_of(plan: Plan, update: int) -> int:
    """The meta-iteration that update number `update` of a copy belongs to; of its own where nothing is copied.

    Draws are numbered by the update, so that no two have the same tasks. What follows the meta-iteration, as schedules
    and annealed objectives do, follows this.
    """
    exchange = exchange_of_weights(plan.spec)
    return update // exchange.epochs if exchange else update


def shards_of(plan: Plan, copy: int) -> tuple[Shard, ...]:
    """The shards of one update of a copy: the plan's are those of copy 0, the others' tasks have the next numbers."""
    own = plan.execution.shards
    return tuple(
        shard.model_copy(
            update={
                "index": shard.index + copy * len(own),
                "first": shard.first + copy * sum(each.count for each in own if each.task == shard.task),
            }
        )
        for shard in own
    )
