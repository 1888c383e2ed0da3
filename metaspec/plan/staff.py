"""How many workers have something to do. What a run computes does not depend on it."""

from __future__ import annotations

from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.model import Plan


def asked(plan: Plan) -> int:
    """The workers of the schedule; 1 where there are none but the command itself."""
    return getattr(plan.spec.schedule, "workers", 1)


def pieces(plan: Plan) -> int:
    """Pieces of work that a meta-iteration gives out at once."""
    exchange = exchange_of_weights(plan.spec)
    if exchange:
        return exchange.copies
    return 1 if plan.execution.mode == "stretches" else len(plan.execution.shards)


def employed(plan: Plan) -> int:
    """The workers that are started: as many as the schedule says, and no more than can ever have work at the same time.

    Clusters are spread over all workers by the schedule's groups, and comparisons with baselines make pieces of their
    own: those keep every worker.
    """
    if plan.execution.clusters or plan.spec.evaluate.against:
        return asked(plan)
    return min(asked(plan), max(pieces(plan), len(plan.execution.evaluation)))


def with_employed(plan: Plan) -> Plan:
    """The plan with a schedule of those workers alone."""
    workers = employed(plan)
    if workers == asked(plan):
        return plan
    schedule = plan.spec.schedule.model_copy(update={"workers": workers})
    return plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": schedule})})


def without_work(plan: Plan) -> str | None:
    """The workers that have nothing to do in a meta-iteration, and what would use them; None where all have.

    Where one worker computes whole stretches, another one is of use as long as it has a part of the evaluations.
    """
    workers, stretches = asked(plan), plan.execution.mode == "stretches"
    busy = employed(plan) if stretches else min(workers, pieces(plan))
    if busy == workers or plan.execution.clusters:
        return None
    left = workers - busy
    idle = f"{left:_} {'worker has' if left == 1 else 'workers have'} nothing to do"
    if stretches:
        return f"{idle}: one computes whole stretches of meta-iterations, {busy:_} the evaluations"
    if exchange_of_weights(plan.spec):
        return f"{idle}: more `copies` would use them, which is another method; `metaspec simulate` predicts the times"
    if pieces(plan) < plan.tasks_per_iteration:
        most = min(workers, plan.tasks_per_iteration)
        return f"{idle}: `train {{ shards = {most} }}` would use {most:_}; `metaspec simulate` predicts the times"
    return f"{idle}: `train.tasks` of {workers:_} or more would use them; `metaspec simulate` predicts the times"
