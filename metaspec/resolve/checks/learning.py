"""Rules about what is learned, and how its gradient is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.checks.facts import Facts
from metaspec.spec.gradient import ParameterInner
from metaspec.spec.values import Learned, MultiStep, Weighted, part_of


def learned_in(value: Any, path: str) -> Iterator[tuple[str, Learned]]:
    """Every learned value in a block, with its path."""
    if isinstance(value, Learned):
        yield path, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            below = path if name == "parts" else f"{path}.{name}"
            yield from learned_in(getattr(value, name), below)
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from learned_in(entry, f"{path}.{name}")


def _learned(facts: Facts) -> list[tuple[str, Learned]]:
    blocks = {"inner": facts.inner, **facts.tasks, **facts.models}
    return [found for path, block in blocks.items() for found in learned_in(block, path)]


def something_is_learned(facts: Facts) -> Iterator[Diagnostic]:
    """A spec without a meta-parameter has nothing to train; it may evaluate."""
    if facts.inner is None or facts.metagrad is None or facts.broken or _learned(facts):
        return
    if facts.train is not None and facts.train.iterations == 0:
        return
    field = "init" if "init" in type(facts.inner).model_fields else "weights"
    start = getattr(facts.inner, field, None)
    help = [f"mark what is learned, such as `{field} = learned({start})`"] if isinstance(start, str) else []
    if help and _needs_a_pull(facts):
        help.append("add `proximal = 1.0` to `inner` as well: `implicit` cannot learn initial weights without it")
    help.append("`train { iterations = 0 }` evaluates without training")
    yield error(
        "E0401",
        "nothing is learned: no value of the spec is marked `learned(...)`",
        facts.place("inner"),
        label="no meta-parameter here",
        help=help,
    )


def _needs_a_pull(facts: Facts) -> bool:
    """Whether initial weights, once they are learned, would be forgotten at the minimum."""
    inner, implicit = facts.inner, facts.metagrad is not None and facts.metagrad.name == "implicit"
    return implicit and isinstance(inner, ParameterInner) and inner.adapt == "all" and inner.proximal == 0.0


def granularity_has_a_meaning(facts: Facts) -> Iterator[Diagnostic]:
    """Tensors are learned whole: `per` divides numbers."""
    for path, learned in _learned(facts):
        if isinstance(learned.start, int | float) or learned.per == ("model",):
            continue
        if learned.per == ("step",) and path.split(".")[:2] == ["inner", "init"]:
            yield from _own_at_each_step(facts, path, learned)
            continue
        yield error(
            "E0401",
            f"`per = {learned.per[0]}` has no meaning for `{path}`: all of its numbers are learned "
            "anyway, and only once for all inner steps",
            facts.place(f"{path}.per") or facts.place(path),
            help=["leave out `per`"],
        )


def _own_at_each_step(facts: Facts, path: str, learned: Learned) -> Iterator[Diagnostic]:
    """`init = { scale = learned(ones, per = step), .. }`: of parameters that the inner steps leave alone."""
    place, inner = facts.place(f"{path}.per") or facts.place(path), facts.inner
    if not isinstance(inner, ParameterInner) or (facts.metagrad is not None and facts.metagrad.name != "unroll"):
        yield error(
            "E0401",
            f"`{path}` is learned for each inner step, which needs a meta-gradient that goes through all of them",
            place,
            help=["take `metagrad = unroll {}`, or leave out `per`"],
        )
        return
    covered = [each for each in facts.parameters() or () if part_of(inner.init, each) == learned]
    moved = next((each.name for each in covered if inner.adapts(each)), None)
    if moved is not None:
        yield error(
            "E0401",
            f"the inner steps change `{moved}`, so it cannot have a value of its own at each of them",
            place,
            help=["leave it out of `adapt`, as in `adapt = [kernel, bias]`, or leave out `per`"],
        )
    elif covered and inner.adapt == "head":
        yield error(
            "E0401",
            "`adapt = head` computes what is before the head once, not in every inner step",
            place,
            help=["leave out `per`"],
        )


def steps_are_annealed_by_unroll(facts: Facts) -> Iterator[Diagnostic]:
    """What changes over the meta-iterations needs a meta-gradient that is told which one it is.

    Wrong: `train { objective = multi_step(10%) }` with `metagrad = truncated {..}`. Right: `metagrad = unroll {}`.
    """
    multi = facts.train is not None and isinstance(facts.train.objective, MultiStep)
    annealed = getattr(facts.metagrad, "first_order", 0.0) > 0
    name = "train.objective" if multi else "metagrad.first_order"
    if multi and facts.metagrad is not None and facts.metagrad.name != "unroll":
        yield error(
            "E0401",
            f"`multi_step` weighs the inner steps of a whole loop, and `{facts.metagrad.name}` does not take it",
            facts.place(name),
            help=["take `metagrad = unroll {}`, or `objective = mean`"],
        )
    elif (multi or annealed) and facts.train is not None and facts.train.warm_start:
        yield error(
            "E0401",
            f"`{'multi_step' if multi else 'first_order'}` is about whole inner loops, and with `warm_start` they go on",
            facts.place(name),
            help=["leave out one of the two"],
        )


def start_is_inside(facts: Facts) -> Iterator[Diagnostic]:
    """A meta-parameter starts between its bounds, and above 0 where its logarithm is learned."""
    for path, learned in _learned(facts):
        start = learned.start
        if not isinstance(start, int | float):
            if learned.scale == "log" or learned.min is not None or learned.max is not None:
                yield error(
                    "E0401",
                    f"`scale`, `min` and `max` are for numbers; `{path}` is a set of tensors",
                    facts.place(path),
                    help=["leave them out"],
                )
            continue
        if learned.scale == "log" and start <= 0:
            yield error(
                "E0302",
                f"`{path}` is learned on a logarithmic scale and cannot start at {start:g}",
                facts.place(path),
                help=["start above 0, or leave out `scale = log`"],
            )
        low, high = learned.min, learned.max
        if low is not None and high is not None and low >= high:
            yield error("E0302", f"`min` of `{path}` is not below its `max`", facts.place(f"{path}.min"))
        elif (low is not None and start < low) or (high is not None and start > high):
            yield error("E0302", f"`{path}` starts at {start:g}, outside its bounds", facts.place(path))


def window_fits_the_steps(facts: Facts) -> Iterator[Diagnostic]:
    """A window is a part of the inner loop."""
    window, steps = getattr(facts.metagrad, "window", None), getattr(facts.inner, "steps", None)
    if window is None or steps is None or window <= steps:
        return
    yield error(
        "E0401",
        f"a window of {window} inner steps is longer than the inner loop, which has {steps}",
        facts.place("metagrad.window"),
        related=[(facts.place("inner.steps"), "the inner steps")],
        help=[f"take a window of at most {steps}, or more steps"],
    )


def implicit_needs_a_stationary_point(facts: Facts) -> Iterator[Diagnostic]:
    """The implicit function theorem is about the minimum of a loss, however it was reached."""
    if facts.metagrad is None or facts.metagrad.name != "implicit" or facts.inner is None:
        return
    if not isinstance(facts.inner, ParameterInner):
        yield error(
            "E0401",
            f"`implicit` needs an inner loop that ends at a stationary point; `{facts.inner.name}` "
            "states no such condition",
            facts.place("metagrad"),
            related=[(facts.place("inner"), "the inner method")],
            help=["take `truncated`, `unroll`, `es` or `pes`"],
        )
        return
    for path, _ in _learned(facts):
        if path.split(".")[:2] == ["inner", "lr"]:
            yield error(
                "E0401",
                "a minimum does not depend on the step size, so `implicit` cannot learn `inner.lr`",
                facts.place("inner.lr"),
                help=["take `metagrad = unroll {}`, or do not learn `lr`"],
            )


def weights_of_every_step(facts: Facts) -> Iterator[Diagnostic]:
    """`weighted([..])` has a weight for each inner step."""
    objective = facts.train.objective if facts.train else None
    steps = getattr(facts.inner, "steps", None)
    if isinstance(objective, Weighted) and steps is not None and len(objective.weights) != steps:
        yield error(
            "E0401",
            f"`weighted` has {len(objective.weights)} weights for {steps} inner steps",
            facts.place("train.objective"),
            related=[(facts.place("inner.steps"), "the inner steps")],
            help=["write one weight for each inner step, from the first to the last"],
        )


RULES = (
    something_is_learned,
    granularity_has_a_meaning,
    steps_are_annealed_by_unroll,
    start_is_inside,
    window_fits_the_steps,
    implicit_needs_a_stationary_point,
    weights_of_every_step,
)
