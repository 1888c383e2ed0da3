"""Rules about meta-gradients that are not computed by back-propagation: from values, along the steps, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.checks.learning import learned_in
from metaspec.spec.meta_tensors import Blocks, meta_tensors
from metaspec.spec.objective import objective_in
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.values import Learned

# Tangents of forward mode, each as long as two inner loops; above that a meta-gradient takes hours.
MOST_TANGENTS = 4_000
# Meta-parameters of a covariance matrix, which is decomposed in every update.
MOST_COVARIANCES = 1_000
SCORING = "`elite`, `cma_es` or `pbt`"


def numbers(facts: Facts) -> int | None:
    """How many meta-parameters there are, as the plan counts them.

    None where the shapes are not known without looking at files.
    """
    pool = next((task for task in facts.tasks.values() if task.brings_model), None)
    signature = next(iter(facts.signatures().values()), None)
    if facts.inner is None or facts.broken:
        return None
    if pool is not None:
        parameters = pool.entries()[0].parameters() if pool.set or pool.of else None
    else:
        parameters = facts.parameters()
        if parameters is not None and facts.inner.replaces_head:
            parameters = tuple(each for each in parameters if each.layer != "head")
    if parameters is None and isinstance(facts.inner, LearnedInner):
        parameters = ()  # its weights do not depend on the model
    if parameters is None:
        return None
    blocks, steps = Blocks(facts.tasks, facts.models, facts.inner), getattr(facts.inner, "steps", 1)
    return sum(each.size for each in meta_tensors(blocks, parameters, steps, signature))


def _learned(facts: Facts) -> list[tuple[str, Learned]]:
    blocks = {"inner": facts.inner, **facts.tasks, **facts.models}
    return [found for path, block in blocks.items() for found in learned_in(block, path)]


def tangents_are_few(facts: Facts) -> Iterator[Diagnostic]:
    """Forward mode takes time for every meta-parameter."""
    if facts.metagrad is None or facts.metagrad.name != "forward":
        return
    found = numbers(facts)
    if found is not None and found > MOST_TANGENTS:
        yield error(
            "E0401",
            f"`forward` carries a tangent for each of {found:_} meta-parameters; it is for at most {MOST_TANGENTS:_}",
            facts.place("metagrad"),
            label="as many inner loops as there are meta-parameters",
            help=[
                "take `unroll { checkpoint = sqrt }`, or `implicit` where the inner loop ends at a minimum",
                "or learn fewer numbers, such as `per = layer` in the place of `per = parameter`",
            ],
        )


def windows_see_the_objective(facts: Facts) -> Iterator[Diagnostic]:
    """Of a trajectory in windows only the last one sees the loss after the last step.

    Wrong: `metagrad = pes { window = 20 }` with 100 inner steps. Right: the same with `train { objective = mean }`.
    """
    metagrad, inner = facts.metagrad, facts.inner
    window = getattr(metagrad, "window", None) if metagrad is not None and metagrad.values_alone else None
    steps = getattr(inner, "steps", 0)
    if window is None or inner is None or facts.train is None or steps <= window:
        return
    if objective_in(facts.train, inner, facts.tasks) == "final":
        windows = -(-steps // window)
        yield warning(
            "W0117",
            f"{windows - 1} of {windows} windows have no meta-gradient: the objective is the loss after step {steps} alone",
            facts.place("metagrad"),
            help=["take `train { objective = mean }`, which every window has a part in"],
        )


def scores_go_with_no_gradient(facts: Facts) -> Iterator[Diagnostic]:
    """Outer methods that take scores and meta-gradients exclude each other."""
    outer, metagrad = facts.outer, facts.metagrad
    if outer is None or metagrad is None or type(outer).scores == (metagrad.name == "none"):
        return
    related = [(facts.place("outer"), "the outer method")]
    if type(outer).scores:
        yield error(
            "E0401",
            f"`{outer.name}` takes scores of candidates, and `{metagrad.name}` gives a gradient",
            facts.place("metagrad"),
            related=related,
            help=["take `metagrad = none`"],
        )
    else:
        yield error(
            "E0401",
            f"`{outer.name}` follows a meta-gradient, and `metagrad = none` gives none",
            facts.place("metagrad"),
            related=related,
            help=[f"take {SCORING} as the outer method", "or a meta-gradient such as `unroll` or `es`"],
        )


def candidates_have_one_method(facts: Facts) -> Iterator[Diagnostic]:
    """A population is of all meta-parameters together."""
    if facts.outer is None or not type(facts.outer).scores:
        return
    for path, learned in _learned(facts):
        if learned.outer is not None:
            yield error(
                "E0401",
                f"`{facts.outer.name}` draws all meta-parameters together; `{path}` has an outer method of its own",
                facts.place(f"{path}.outer") or facts.place(path),
                help=["leave out `outer`"],
            )
    found = numbers(facts)
    if facts.outer.name == "cma_es" and found is not None and found > MOST_COVARIANCES:
        yield error(
            "E0401",
            f"`cma_es` keeps a covariance for each pair of {found:_} meta-parameters; it is for at most "
            f"{MOST_COVARIANCES:_}",
            facts.place("outer"),
            help=["take a meta-gradient such as `es` or `unroll`"],
        )


def scores_have_no_size(facts: Facts) -> Iterator[Diagnostic]:
    """Candidates are put in order by their scores: a factor that all scores have changes nothing.

    Wrong: `outer = elite {}` with `train { reduce = sum }`. Right: without `reduce`.
    """
    if facts.outer is None or not type(facts.outer).scores or facts.train is None or facts.train.reduce == "mean":
        return
    yield error(
        "E0403",
        f"`{facts.outer.name}` takes each candidate's mean score over the tasks, so `reduce` has no effect",
        facts.place("train.reduce"),
        related=[(facts.place("outer"), "the outer method")],
        help=["leave it out"],
    )


def population_is_large_enough(facts: Facts) -> Iterator[Diagnostic]:
    """What is compared or fitted needs more than one value."""
    outer, metagrad = facts.outer, facts.metagrad
    if outer is not None and outer.name == "elite" and outer.keep > outer.particles:
        yield error(
            "E0401",
            f"`elite` cannot keep {outer.keep} of {outer.particles} candidates",
            facts.place("outer.keep"),
            help=[f"keep at most {outer.particles}, a quarter of them as a rule"],
        )
    if outer is not None and outer.name == "cma_es" and outer.particles < 4:
        yield error(
            "E0401",
            f"`cma_es` cannot adapt a covariance to {outer.particles} candidates",
            facts.place("outer.particles"),
            help=["take 4 or more"],
        )
    if metagrad is not None and metagrad.name == "es" and not metagrad.antithetic and metagrad.particles < 2:
        yield error(
            "E0401",
            "a single particle without its opposite has nothing to be compared with",
            facts.place("metagrad.particles"),
            help=["take `antithetic = true`, or 2 particles and more"],
        )


def members_have_a_training(facts: Facts) -> Iterator[Diagnostic]:
    """The members of `pbt` train on: one data set, one training for each of them, and none is lost."""
    if facts.outer is None or facts.outer.name != "pbt" or facts.train is None:
        return
    if facts.tasks and (len(facts.tasks) > 1 or any(not task.trains for task in facts.tasks.values())):
        yield error(
            "E0401",
            "the members of `pbt` train on from one meta-iteration to the next, which needs one `training` task",
            facts.place("outer"),
            help=["take `elite` or `cma_es` for other tasks"],
        )
    if facts.train.tasks not in (None, 1):
        yield error(
            "E0401",
            f"each member of `pbt` is one training, and `tasks` is {facts.train.tasks}",
            facts.place("train.tasks"),
            help=["leave out `tasks`, and raise `particles` of `pbt`"],
        )
    if facts.train.on_failure == "skip":
        yield error(
            "E0401",
            "a member of `pbt` that is skipped would lose its weights",
            facts.place("train.on_failure"),
            help=["leave out `on_failure`"],
        )


def warm_starts_have_a_solution(facts: Facts) -> Iterator[Diagnostic]:
    """A warm start hands the inner solution on to a meta-gradient of whole inner loops."""
    if facts.train is None or not facts.train.warm_start or facts.metagrad is None:
        return
    if type(facts.metagrad).carries or getattr(facts.metagrad, "carry", False):
        yield error(
            "E0401",
            f"`{facts.metagrad.name}` carries trajectories of its own into the next meta-iteration, so "
            "`warm_start` has no meaning with it",
            facts.place("train.warm_start"),
            help=["leave out `warm_start`", "or take `implicit`, `unroll` or `forward`"],
        )
    for path, _ in _learned(facts):
        if path.startswith(("inner.init", "inner.weights")):
            yield error(
                "E0401",
                f"with `warm_start` only the first meta-iteration begins at `{path}`, so it cannot be learned",
                facts.place(path),
                help=["leave out `warm_start`, or do not learn it"],
            )


RULES = (
    tangents_are_few,
    windows_see_the_objective,
    scores_go_with_no_gradient,
    candidates_have_one_method,
    scores_have_no_size,
    population_is_large_enough,
    members_have_a_training,
    warm_starts_have_a_solution,
)
