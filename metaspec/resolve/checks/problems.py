"""Rules about problems, learned optimizers, and the windows of their trajectories."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.checks.facts import Facts
from metaspec.spec.objective import objective_in
from metaspec.spec.values import Learned


def a_family_or_a_problem(facts: Facts) -> Iterator[Diagnostic]:
    """A pool is a family of problems, or copies of one."""
    for name, task in facts.tasks.items():
        if task.name != "problems":
            continue
        if task.set is None and task.of is None:
            yield error(
                "E0208",
                f"`{name}` names no problems",
                facts.place(name),
                help=["write a family, such as `set = quadratic`, or one problem, such as `of = quadratic {}`"],
            )
        elif task.set is not None and task.of is not None:
            yield error(
                "E0401",
                f"`{name}` has a family and a single problem",
                facts.place(f"{name}.of"),
                related=[(facts.place(f"{name}.set"), "the family")],
                help=["leave out one of them"],
            )


def problems_stay_among_themselves(facts: Facts) -> Iterator[Diagnostic]:
    """Problems bring their own parameters; a task with a model cannot be learned beside them."""
    bringing = [name for name, task in facts.tasks.items() if task.brings_model]
    other = next((name for name, task in facts.tasks.items() if not task.brings_model), None)
    if bringing and other is not None:
        yield error(
            "E0401",
            f"`{bringing[0]}` brings its own parameters and `{other}` needs a model: one spec cannot learn both",
            facts.place(bringing[0]),
            related=[(facts.place(other), "needs a model")],
            help=["put them into two specs, and load the optimizer of one in the other"],
        )


def problems_have_no_initial_weights(facts: Facts) -> Iterator[Diagnostic]:
    """Where a problem starts is part of the problem."""
    if facts.inner is None or not any(task.brings_model for task in facts.tasks.values()):
        return
    if isinstance(getattr(facts.inner, "init", None), Learned):
        yield error(
            "E0401",
            "problems start where they say, so there are no initial weights to learn",
            facts.place("inner.init"),
            help=["leave out `init`, and learn `lr` or the weights of an optimizer"],
        )


def log_objective_has_windows(facts: Facts) -> Iterator[Diagnostic]:
    """The log objective compares with the loss at the start of a trajectory, which windows know."""
    if facts.train is None or facts.metagrad is None or facts.train.objective != "log":
        return
    if not type(facts.metagrad).knows_start:
        yield error(
            "E0401",
            f"`objective = log` goes with `truncated`, `es` and `pes`, not with `{facts.metagrad.name}`",
            facts.place("train.objective"),
            related=[(facts.place("metagrad"), "the meta-gradient")],
            help=["take `metagrad = truncated { window = .. }`, or `objective = mean`"],
        )


def visits_are_carried(facts: Facts) -> Iterator[Diagnostic]:
    """A visit of several trajectories is carried; windows of one meta-iteration are one trajectory."""
    metagrad = facts.metagrad
    if metagrad is None or metagrad.name != "truncated" or metagrad.carry:
        return
    if metagrad.reset == "visit" or metagrad.more_windows > 0:
        field = "reset" if metagrad.reset == "visit" else "more_windows"
        yield error(
            "E0401",
            f"`{field}` is about trajectories that go on in the next meta-iteration; with `carry = false` "
            "each meta-iteration is one whole trajectory",
            facts.place(f"metagrad.{field}"),
            help=["leave it out, or let the trajectory go on with `carry = true`"],
        )


def fields_of_windows_have_an_effect(facts: Facts) -> Iterator[Diagnostic]:
    """Some fields of `truncated` are about one objective, or about visits of several trajectories.

    Wrong: `truncated { relative = true, .. }` with `objective = log`. Right: with `objective = mean`.
    """
    metagrad = facts.metagrad
    if metagrad is None or metagrad.name != "truncated" or facts.inner is None or facts.train is None or facts.broken:
        return
    objective = objective_in(facts.train, facts.inner, facts.tasks)
    apart = metagrad.reset == "trajectory"
    needs = {
        "numerator_epsilon": (metagrad.numerator_epsilon and objective != "log", "train { objective = log }"),
        "relative": (metagrad.relative and objective != "mean", "train { objective = mean }"),
        "visit": (apart and metagrad.visit != type(metagrad).model_fields["visit"].default, "reset = visit"),
        "saved": (apart and metagrad.saved != "last", "reset = visit"),
    }
    for field, (ignored, wanted) in needs.items():
        if ignored:
            yield error(
                "E0403",
                f"`{field}` only has an effect with `{wanted}`",
                facts.place(f"metagrad.{field}"),
                help=["leave it out"],
            )


def batches_are_of_problems(facts: Facts) -> Iterator[Diagnostic]:
    """`data_batches` averages the gradients of batches that a problem draws; a `training` task has one `batch`.

    Wrong: `data_batches = 4` with `training { batch = 16 }`. Right: `training { batch = 64 }`, which is the same.
    """
    if getattr(facts.inner, "data_batches", 1) == 1:
        return
    other = next((name for name, task in facts.tasks.items() if not task.brings_model), None)
    if other is not None:
        yield error(
            "E0401",
            f"`data_batches` is for problems, and `{other}` is `{facts.tasks[other].name}`",
            facts.place("inner.data_batches"),
            related=[(facts.place(other), "draws no batches of its own")],
            help=["leave it out; a larger `batch` has the same gradient"],
        )


RULES = (
    batches_are_of_problems,
    a_family_or_a_problem,
    problems_stay_among_themselves,
    problems_have_no_initial_weights,
    log_objective_has_windows,
    visits_are_carried,
    fields_of_windows_have_an_effect,
)
