"""Rules about copies of the meta-model that exchange weights."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.kinds.exchanges.weights import Weights
from metaspec.resolve.checks.facts import Facts


def copies_of(facts: Facts) -> Weights | None:
    """The exchange, where it is one of weights."""
    exchange = getattr(facts.schedule, "exchange", None)
    return exchange if isinstance(exchange, Weights) else None


def copies_take_gradients(facts: Facts) -> Iterator[Diagnostic]:
    """A copy updates from meta-gradients of fresh tasks: nothing is carried, and no candidates are scored."""
    if copies_of(facts) is None:
        return
    metagrad, outer, train = facts.metagrad, facts.outer, facts.train
    reasons = {
        "outer": outer is not None and type(outer).scores and f"`{outer.name}` takes scores of candidates",
        "metagrad": metagrad is not None
        and (type(metagrad).carries or getattr(metagrad, "carry", False))
        and f"trajectories of `{metagrad.name}` go on in the next meta-iteration",
        "train.warm_start": train is not None and train.warm_start and "a warm start goes on from an inner solution",
    }
    for path, reason in reasons.items():
        if reason:
            yield _unfit(facts, path, f"{reason}, and copies that exchange weights begin each meta-iteration anew")


def copies_share_a_model(facts: Facts) -> Iterator[Diagnostic]:
    """Problems bring shapes of their own, which are shared out as shards and not as copies."""
    if copies_of(facts) is None:
        return
    for name, task in facts.tasks.items():
        if task.brings_model:
            yield _unfit(
                facts,
                name,
                f"`{name}` brings its own parameters, and copies that exchange weights train on tasks with a model",
            )


def one_copy_merges_with_nothing(facts: Facts) -> Iterator[Diagnostic]:
    exchange = copies_of(facts)
    if exchange is not None and exchange.copies == 1:
        yield warning(
            "W0110",
            "one copy has nothing to merge with: this is `exchange = gradients` on one worker",
            facts.place("schedule.exchange"),
            help=["take two copies or more"],
        )


def _unfit(facts: Facts, path: str, message: str) -> Diagnostic:
    """What stands at a path does not go with an exchange of weights."""
    exchange = facts.place("schedule.exchange")
    related = [(exchange, "the exchange of weights")]
    return error("E0401", message, facts.place(path), related=related, help=["take `exchange = gradients`"])


RULES = (copies_take_gradients, copies_share_a_model, one_copy_merges_with_nothing)
