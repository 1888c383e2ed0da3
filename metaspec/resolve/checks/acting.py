"""Rules about tasks whose model acts, and about what learns them."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.checks.learning import learned_in
from metaspec.spec.acting import ActingTask
from metaspec.spec.values import Learned

# Models that a policy is not made of: they read sequences, or an architecture that is learned.
NOT_POLICIES = ("cell", "lstm")


def acting(facts: Facts) -> str | None:
    """The first task whose model acts."""
    return next((name for name, task in facts.tasks.items() if isinstance(task, ActingTask)), None)


def policies_learn_by_policy_gradients(facts: Facts) -> Iterator[Diagnostic]:
    """An environment gives rewards and no targets.

    Wrong: `task plane = navigation {}` with `inner = sgd {}`. Right: `inner = policy_gradient {}`.
    """
    name, inner = acting(facts), facts.inner
    if inner is None or not facts.tasks or (name is not None) == (inner.name == "policy_gradient"):
        return
    if name is None:
        task = next(iter(facts.tasks))
        what, help = f"`policy_gradient` follows rewards, and `{task}` has none", "take `sgd`, or a task of rewards"
        place = facts.place(task)
    else:
        what = f"`{name}` gives rewards, which `{inner.name}` cannot learn from"
        help, place = "take `inner = policy_gradient {}`", facts.place(name)
    yield error("E0401", what, facts.place("inner"), related=[(place, "the task")], help=[help])


def one_environment(facts: Facts) -> Iterator[Diagnostic]:
    """The environment is part of the graph of a spec."""
    name = acting(facts)
    other = next((each for each in facts.tasks if each != name), None)
    if name is not None and other is not None:
        yield error(
            "E0401",
            f"`{name}` is an environment, and a spec with one has no other task",
            facts.place(other),
            help=["put them into two specs"],
        )


def settings_are_drawn(facts: Facts) -> Iterator[Diagnostic]:
    """An environment is given its settings as numbers: no gradient reaches them.

    Wrong: `vary = { g = learned(10) }`. Right: `vary = { g = uniform(5, 15) }`.
    """
    for name, task in facts.tasks.items():
        vary = getattr(task, "vary", None)
        for part, value in vary.parts.items() if vary else ():
            if isinstance(value, Learned):
                path = f"{name}.vary.{part}"
                yield error(
                    "E0305",
                    f"`{part}` is a setting of an environment, and cannot hold a learned value",
                    facts.place(path),
                    help=["write a number, or a draw such as `uniform(5, 15)`"],
                )


def trajectories_are_sampled_anew(facts: Facts) -> Iterator[Diagnostic]:
    """A meta-gradient of policies samples with the parameters it differentiates.

    Wrong: `metagrad = reptile {}`, `joint { items = all }`. Right: `unroll {}`, `joint { items = query }`.
    """
    name, metagrad = acting(facts), facts.metagrad
    if name is None or metagrad is None:
        return
    if not type(metagrad).acts:
        yield error(
            "E0401",
            f"`{metagrad.name}` does not sample trajectories, which `{name}` is learned from",
            facts.place("metagrad"),
            help=["take `metagrad = unroll {}`, or without meta-learning `joint { items = query }`"],
        )
    elif getattr(metagrad, "items", "query") == "all":
        yield error(
            "E0401",
            "without inner steps there is one set of trajectories, and `items = all` would join two",
            facts.place("metagrad.items"),
            help=["write `joint { items = query }`"],
        )
    if facts.train is not None and facts.train.warm_start:
        yield error(
            "E0401",
            "a warm start goes on from an inner solution, and trajectories are sampled anew",
            facts.place("train.warm_start"),
            help=["leave it out"],
        )


def policies_are_dense(facts: Facts) -> Iterator[Diagnostic]:
    """The model maps one observation to the mean of an action."""
    for name, model in facts.models.items() if acting(facts) else ():
        if model.name in NOT_POLICIES:
            yield error(
                "E0401",
                f"`{model.name}` does not map one observation to one action",
                facts.place(name),
                help=["take `mlp` or `linear`"],
            )


def regions_are_of_policies(facts: Facts) -> Iterator[Diagnostic]:
    """A trust region bounds the divergence of policies, for all meta-parameters and all shards at once.

    Wrong: `outer = trpo {}` with `sinusoid` tasks, clusters or copies. Right: with `navigation`.
    """
    for path, learned in learned_in(facts.inner, "inner"):
        if learned.outer is not None and (type(learned.outer).searches or getattr(facts.outer, "searches", False)):
            yield error(
                "E0401",
                f"the step of `trpo` is searched for with all meta-parameters, and `{path}` has an outer method of its own",
                facts.place(path),
                help=["leave out its `outer`, or take another outer method than `trpo`"],
            )
    if facts.outer is None or not type(facts.outer).searches or not facts.tasks:
        return
    exchange, objective = getattr(facts.schedule, "exchange", None), facts.train and facts.train.objective
    reasons = {
        "outer": acting(facts) is None and ("bounds the divergence of policies, and no task has one", "take `adam`"),
        "schedule": exchange is not None
        and exchange.name != "gradients"
        and ("asks all shards in rounds, and copies train apart", "take `exchange = gradients`"),
        "train.objective": objective not in (None, "final")
        and ("compares policies after the last inner step", "leave out `objective`"),
        next(iter(facts.named["cluster"]), "cluster"): facts.named["cluster"]
        and ("takes the tasks of a meta-iteration as one set", "leave out the clusters"),
    }
    for path, reason in reasons.items():
        if reason:
            yield error("E0401", f"`trpo` {reason[0]}", facts.place(path), help=[reason[1]])


RULES = (
    policies_learn_by_policy_gradients,
    one_environment,
    settings_are_drawn,
    trajectories_are_sampled_anew,
    policies_are_dense,
    regions_are_of_policies,
)
