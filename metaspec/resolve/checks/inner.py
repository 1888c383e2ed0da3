"""Rules about an inner method and the meta-gradient that goes through it."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.kinds.inner.newton import Newton
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.checks.learning import learned_in
from metaspec.spec.gradient import GradientInner, HeadInner, ParameterInner
from metaspec.spec.values import Learned, Parts

# Adapted parameters up to which the whole Hessian of a task is built: 2,000 take 32 MB in double precision.
EXACT_LIMIT = 2_000

# Gradient steps below which an inner loop is not taken for a descent to a minimum, and the share of the way to it.
FEW_STEPS, LITTLE = 5, 0.1


def reptile_learns_initial_weights(facts: Facts) -> Iterator[Diagnostic]:
    """Reptile's meta-gradient is a distance of weights: of anything else it says nothing.

    Wrong: `inner = sgd { lr = learned(0.1) }` with `metagrad = reptile {}`. Right: `init = learned(glorot_uniform)`.
    """
    if facts.metagrad is None or facts.metagrad.name != "reptile" or facts.inner is None:
        return
    if not isinstance(facts.inner, ParameterInner):
        yield error(
            "E0401",
            f"`reptile` needs an inner method that moves weights; `{facts.inner.name}` moves none",
            facts.place("metagrad"),
            related=[(facts.place("inner"), "the inner method")],
            help=["take `metagrad = unroll {}`"],
        )
        return
    for path, _ in learned_in(facts.inner, "inner"):
        if path.split(".")[1] != "init":
            yield error(
                "E0401",
                f"`reptile` can learn initial weights alone, and `{path}` is learned",
                facts.place(path),
                help=[f"do not learn `{path}`, or take `metagrad = unroll {{}}`"],
            )


def implicit_start_matters(facts: Facts) -> Iterator[Diagnostic]:
    """A minimum does not depend on where the way to it began, unless it is pulled back there.

    Wrong: `sgd { init = learned(glorot_uniform), steps = 16 }` with `metagrad = implicit {}`. Right: the same with
    `proximal = 2`, or with `adapt = head`, where the other layers are what is learned.
    """
    inner = facts.inner
    if facts.metagrad is None or facts.metagrad.name != "implicit" or not isinstance(inner, ParameterInner):
        return
    if isinstance(inner.init, Learned) and inner.adapt == "all" and inner.proximal == 0.0:
        yield error(
            "E0401",
            "with `implicit` the inner solution does not depend on `inner.init`: nothing pulls it back",
            facts.place("inner.init"),
            related=[(facts.place("metagrad"), "the meta-gradient")],
            help=["add `proximal = 1.0` to `inner`, or adapt a part, as in `adapt = head`"],
        )


def implicit_comes_near_the_minimum(facts: Facts) -> Iterator[Diagnostic]:
    """The implicit gradient is that of the minimum, and wrong by as much as the inner loop ends short of it.

    How near it comes depends on the data. Two things are known before: fewer than five gradient steps are not a descent to
    a minimum; and where the task's own loss is flat, `sgd` covers 1 - (1 - lr (proximal + l2))^steps of the way.
    Wrong: `sgd { lr = 0.01, proximal = 1, steps = 1 }` with `metagrad = implicit {}`. Right: `lr = 0.1, steps = 30`.
    """
    inner = facts.inner
    if facts.metagrad is None or facts.metagrad.name != "implicit" or not isinstance(inner, GradientInner):
        return
    covered = _covered(inner)
    if inner.steps >= FEW_STEPS and (covered is None or covered >= LITTLE):
        return
    way = ""
    if covered is not None:
        way = f", and where the task's own loss is flat they cover {covered:.2g} of the way to it"
    steps = "1 step rarely reaches" if inner.steps == 1 else f"{inner.steps} steps rarely reach"
    place = facts.place("metagrad")
    yield warning(
        "W0112",
        f"`implicit` gives the gradient at the minimum of the inner loss, which {steps}{way}",
        facts.place("inner.steps"),
        related=[(place, "the meta-gradient")] if place else [],
        help=["take more `steps` in `inner`, or `metagrad = unroll {}`, which is exact for any number of them"],
    )


def _covered(inner: GradientInner) -> float | None:
    """The share of the way to the minimum that steps of a known size go where only `proximal` and `l2` pull."""
    lr, proximal, l2 = inner.lr, inner.proximal, inner.l2
    if inner.name != "sgd" or not isinstance(lr, float | int) or not proximal:
        return None
    if not isinstance(proximal, float | int) or not isinstance(l2, float | int):
        return None
    return 1 - max(0.0, 1 - lr * (proximal + l2)) ** inner.steps


def first_order_is_of_gradient_steps(facts: Facts) -> Iterator[Diagnostic]:
    """`order = 1` holds the inner gradients constant; Newton's steps have a Hessian besides, L-BFGS's a search.

    Wrong: `inner = newton {..}` with `metagrad = unroll { order = 1 }`. Right: `metagrad = implicit {}`.
    """
    first = getattr(facts.metagrad, "order", 2) == 1 or getattr(facts.metagrad, "first_order", 0.0) > 0
    if first and facts.inner is not None and facts.inner.name in ("newton", "lbfgs"):
        yield error(
            "E0401",
            f"`order = 1` has no meaning for `{facts.inner.name}`, whose steps are more than a gradient",
            facts.place("metagrad.order"),
            help=["take `metagrad = implicit {}`, or `order = 2`"],
        )


def prototypes_start_a_head(facts: Facts) -> Iterator[Diagnostic]:
    """Prototypes are class means: they can start the head of a classifier, and nothing else.

    Wrong: `init = prototypes`. Right: `init = { head = prototypes, rest = learned(glorot_uniform) }`.
    """
    init = getattr(facts.inner, "init", None)
    parts = init.parts if isinstance(init, Parts) else {"init": init}
    for part, entry in parts.items():
        start = entry.start if isinstance(entry, Learned) else entry
        if start != "prototypes":
            continue
        path = f"inner.init.{part}" if isinstance(init, Parts) else "inner.init"
        if part != "head" or isinstance(entry, Learned):
            yield error(
                "E0401",
                "`prototypes` is a start for the head alone, and not a learned one",
                facts.place(path),
                help=["write `init = { head = prototypes, rest = learned(glorot_uniform) }`"],
            )
        yield from _classes(facts, "a head of prototypes", path)


def heads_of_classes(facts: Facts) -> Iterator[Diagnostic]:
    """Class means, attention over labels and margins are for classification.

    Wrong: `task sine = sinusoid {}` with `inner = prototypes {}`. Right: `inner = ridge {..}`, which regresses too.
    """
    if facts.inner is not None and facts.inner.name in ("prototypes", "matching", "svm"):
        yield from _classes(facts, f"`{facts.inner.name}`", "inner")


def _classes(facts: Facts, what: str, path: str) -> Iterator[Diagnostic]:
    for name, signature in facts.signatures().items():
        if not signature.classifies:
            yield error(
                "E0401",
                f"{what} is for classification, and the task `{name}` is a regression",
                facts.place(path),
                related=[(facts.place(name), "a regression")],
                help=["take `ridge`, or gradient steps such as `sgd`"],
            )
            return


def series_has_a_step(facts: Facts) -> Iterator[Diagnostic]:
    """The Neumann series takes the inner step size where it has no step of its own.

    Wrong: `inner = newton {..}` with `solver = neumann {}`. Right: `solver = neumann { scale = 0.1 }`.
    """
    solver = getattr(facts.metagrad, "solver", None)
    if solver is None or solver.name != "neumann" or solver.scale is not None or facts.inner is None:
        return
    if not isinstance(facts.inner, GradientInner):
        yield error(
            "E0208",
            f"`neumann` takes its step from the inner step size, and `{facts.inner.name}` has none",
            facts.place("metagrad.solver"),
            help=["add `scale = 0.1`"],
        )


def exact_system_fits(facts: Facts) -> Iterator[Diagnostic]:
    """The whole Hessian of a task has as many rows as there are adapted parameters.

    Wrong: `solver = exact {}` where all of `conv4` is adapted. Right: `solver = cg {}`, or `adapt = head`.
    """
    solver, parameters = getattr(facts.metagrad, "solver", None), facts.parameters()
    if solver is None or solver.name != "exact" or parameters is None or not isinstance(facts.inner, ParameterInner):
        return
    adapted = sum(each.size for each in parameters if facts.inner.adapts(each))
    if adapted > EXACT_LIMIT:
        yield error(
            "E0401",
            f"`exact` would build a matrix of {adapted:_} by {adapted:_} numbers for each task",
            facts.place("metagrad.solver"),
            help=[f"take `solver = cg {{}}`, or adapt at most {EXACT_LIMIT:_} parameters, as in `adapt = head`"],
        )


def joint_needs_weights(facts: Facts) -> Iterator[Diagnostic]:
    """Joint training knows no support set, and a head that is computed from one cannot be trained by it.

    Wrong: `inner = ridge {..}` with `metagrad = joint {}`. Right: `metagrad = unroll {}`.
    """
    if facts.metagrad is not None and facts.metagrad.name == "joint" and isinstance(facts.inner, HeadInner):
        yield error(
            "E0401",
            f"`joint` trains weights without a support set, and `{facts.inner.name}` computes its head from one",
            facts.place("metagrad"),
            related=[(facts.place("inner"), "the inner method")],
            help=["take `metagrad = unroll {}`"],
        )


def objective_has_an_effect(facts: Facts) -> Iterator[Diagnostic]:
    """An objective over the inner steps needs a meta-gradient that sees them.

    Wrong: `train { objective = mean }` with `metagrad = implicit {}`. Right: `metagrad = unroll {}`.
    """
    objective = facts.train.objective if facts.train else None
    if facts.metagrad is None or objective in (None, "final"):
        return
    if not type(facts.metagrad).sees_steps:
        yield error(
            "E0403",
            f"`{facts.metagrad.name}` weighs no query losses along the inner steps, so `objective` has no effect",
            facts.place("train.objective"),
            help=["leave it out, or take `metagrad = unroll {}`"],
        )
    elif isinstance(facts.inner, HeadInner):
        yield error(
            "E0403",
            f"`{facts.inner.name}` has no inner steps, so `objective` has no effect",
            facts.place("train.objective"),
            help=["leave it out"],
        )


def evaluated_steps_exist(facts: Facts) -> Iterator[Diagnostic]:
    """A method that is solved at once has no steps to evaluate.

    Wrong: `inner = ridge {..}` with `evaluate { steps = 10 }`. Right: `evaluate {}`.
    """
    steps = facts.evaluate.steps if facts.evaluate else None
    if steps and facts.inner is not None and getattr(facts.inner, "steps", None) == 0:
        yield error(
            "E0403",
            f"`{facts.inner.name}` has no inner steps to evaluate",
            facts.place("evaluate.steps"),
            help=["leave out `steps`"],
        )


def newton_on_a_head_is_regularised(facts: Facts) -> Iterator[Diagnostic]:
    """The Hessian of a softmax head is singular: adding a constant to all logits changes no probability.

    Wrong: `inner = newton { init = learned(glorot_uniform), adapt = head }`. Right: the same with `proximal = 1`.
    """
    inner = facts.inner
    if isinstance(inner, Newton) and inner.adapt == "head" and not inner.regularised:
        yield error(
            "E0401",
            "the Newton system of a head has no single solution where nothing is added to its diagonal",
            facts.place("inner"),
            help=["set `proximal`, `l2` or `damping` above 0; of a learned one, `scale = log`"],
        )


RULES = (
    newton_on_a_head_is_regularised,
    reptile_learns_initial_weights,
    implicit_start_matters,
    implicit_comes_near_the_minimum,
    first_order_is_of_gradient_steps,
    prototypes_start_a_head,
    heads_of_classes,
    series_has_a_step,
    exact_system_fits,
    joint_needs_weights,
    objective_has_an_effect,
    evaluated_steps_exist,
)
