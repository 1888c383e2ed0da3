"""Rules about copies of the meta-model that exchange weights."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.kinds.exchanges.weights import Weights
from metaspec.resolve.checks.acting import acting
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


# Weight generators that take one over a loss.
INVERTING = ("loss_weighted", "loss_average")


def returns_have_no_inverse(facts: Facts) -> Iterator[Diagnostic]:
    """The loss of a policy is minus its return, so that the inverse of one below zero would favour the worst copy.

    Wrong: `task plane = navigation {}` with `combine = loss_weighted`. Right: `combine = loss_median`, which compares.
    """
    exchange, name = copies_of(facts), acting(facts)
    if exchange is None or name is None or exchange.combine.name not in INVERTING:
        return
    yield error(
        "E0401",
        f"`{exchange.combine.name}` counts copies by one over their loss, and that of `{name}` is minus a return, "
        "which may have any sign",
        facts.place("schedule.exchange.combine"),
        related=[(facts.place(name), "the task")],
        help=["take `combine = loss_median`, which only compares losses", "or `combine = mean`"],
    )


def copies_have_room_to_run_ahead(facts: Facts) -> Iterator[Diagnostic]:
    """All copies have done the same whenever a run evaluates or saves: they wait for each other there."""
    exchange = copies_of(facts)
    if exchange is None or not exchange.staleness or facts.train is None or facts.evaluate is None:
        return
    pauses = {"train.checkpoint": facts.train.checkpoint, "evaluate.every": facts.evaluate.every}
    path, every = min(((path, every) for path, every in pauses.items() if every), key=lambda each: each[1])
    if every > exchange.staleness:
        return
    if every == 1:
        what, other = "after every meta-iteration, so that none runs ahead", "or leave out `staleness`"
    else:
        what = f"every {every:_} meta-iterations, so that none runs further ahead than {every - 1:_}"
        other = f"or write `staleness = {every - 1}`"
    yield warning(
        "W0116",
        f"copies wait for each other {what}",
        facts.place("schedule.exchange.staleness"),
        related=[(facts.place(path), "the run pauses here")],
        help=[f"take `{path.rpartition('.')[2]}` above {exchange.staleness:_}", other],
    )


def _unfit(facts: Facts, path: str, message: str) -> Diagnostic:
    """What stands at a path does not go with an exchange of weights."""
    exchange = facts.place("schedule.exchange")
    related = [(exchange, "the exchange of weights")]
    return error("E0401", message, facts.place(path), related=related, help=["take `exchange = gradients`"])


RULES = (
    copies_take_gradients,
    copies_share_a_model,
    one_copy_merges_with_nothing,
    returns_have_no_inverse,
    copies_have_room_to_run_ahead,
)
