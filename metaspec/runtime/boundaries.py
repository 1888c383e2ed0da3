"""Where a run pauses between updates: to evaluate, to checkpoint, or because a stretch is full.

All boundaries are multiples, counted from the first update, so that a resumed run has the same ones.
"""

from __future__ import annotations

from metaspec.plan.model import Plan


def next_boundary(plan: Plan, iteration: int) -> int:
    """The first boundary after `iteration` updates."""
    train, every = plan.spec.train, plan.spec.evaluate.every
    steps = [plan.execution.stretch, train.checkpoint] + ([every] if every else [])
    return min([train.iterations, *((iteration // step + 1) * step for step in steps)])


def evaluation_due(plan: Plan, iteration: int) -> bool:
    """Whether an evaluation belongs after `iteration` updates.

    The last update is followed by one whatever its number, so that what was learned last can be the best; a run
    without updates has one too.
    """
    every, last = plan.spec.evaluate.every, plan.spec.train.iterations
    return every is not None and (iteration == last or (iteration > 0 and iteration % every == 0))


def checkpoint_due(plan: Plan, iteration: int) -> bool:
    train = plan.spec.train
    return iteration > 0 and (iteration % train.checkpoint == 0 or iteration == train.iterations)
