"""Rules about learned items, losses, augmentations and architectures, and the meta-gradients that go with them."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.checks.learning import learned_in
from metaspec.spec.gradient import HeadInner
from metaspec.spec.kind import Architecture
from metaspec.spec.operations import Searched
from metaspec.spec.values import Learned


def learned_of(facts: Facts) -> Iterator[tuple[str, Learned]]:
    """Every learned value with its path."""
    for path, block in {"inner": facts.inner, **facts.tasks, **facts.models}.items():
        yield from learned_in(block, path)


def learned_items_are_of_one_task(facts: Facts) -> Iterator[Diagnostic]:
    """Items and augmentations belong to one data set.

    Wrong: two `training` tasks, one with `train_on = learned(examples {})`. Right: that task alone.
    """
    fields = [
        (name, field)
        for name, task in facts.tasks.items()
        for field in ("train_on", "augment")
        if getattr(task, field, None) is not None
    ]
    if fields and len(facts.tasks) > 1:
        name, field = fields[0]
        other = next(each for each in facts.tasks if each != name)
        yield error(
            "E0401",
            f"`{field}` is for a spec with one task, and `{other}` is another",
            facts.place(f"{name}.{field}"),
            related=[(facts.place(other), "another task")],
            help=["write a spec for each of them"],
        )


def learned_labels_need_steps(facts: Facts) -> Iterator[Diagnostic]:
    """A head that is computed from classes cannot take numbers for them."""
    for name, task in facts.tasks.items():
        source = getattr(task, "source", None)
        if getattr(source, "labels", "classes") == "learned" and isinstance(facts.inner, HeadInner):
            yield error(
                "E0401",
                f"`{facts.inner.name}` computes its head from classes, and the labels of `{name}` are learned numbers",
                facts.place(f"{name}.train_on"),
                help=["leave out `labels`, or take gradient steps such as `sgd`"],
            )


def augmented_items_are_seen(facts: Facts) -> Iterator[Diagnostic]:
    """An augmentation acts on the batch of an inner step.

    Wrong: `augment = learned(network {})` with `metagrad = implicit {}`. Right: `metagrad = unroll {}`.
    """
    for name, task in facts.tasks.items():
        if getattr(task, "augment", None) is None or facts.inner is None or facts.metagrad is None:
            continue
        place = facts.place(f"{name}.augment")
        if facts.metagrad.name == "implicit":
            yield error(
                "E0401",
                "`implicit` is about the minimum of one loss, and an augmentation gives another in each step",
                facts.place("metagrad"),
                related=[(place, "the augmentation")],
                help=["take `unroll`, `truncated` or `forward`"],
            )
        elif facts.inner.replaces_head or getattr(facts.inner, "adapt", "all") == "head":
            yield error(
                "E0401",
                "an augmentation changes items, and where only the head is adapted the steps see features",
                place,
                help=["adapt all of the model"],
            )


def learned_losses_have_a_model(facts: Facts) -> Iterator[Diagnostic]:
    """A learned loss is a function of outputs and targets, which a problem does not have."""
    loss = getattr(facts.inner, "loss", None)
    if loss is None:
        return
    bringing = next((name for name, task in facts.tasks.items() if task.brings_model), None)
    if bringing is not None:
        yield error(
            "E0401",
            f"`{bringing}` brings an objective of its own, without outputs and targets for a learned loss",
            facts.place("inner.loss"),
            help=["take a task with a model, such as `sinusoid` or `training`"],
        )
    if loss.start.wants_images or any(isinstance(value, Learned) for value in vars(loss.start).values()):
        yield error(
            "E0401",
            f"`{loss.start.name}` cannot be a loss: what it takes is an output beside a target",
            facts.place("inner.loss"),
            help=["take `loss = learned(mlp { hidden = [32] })`"],
        )


def weights_alone_are_followed(facts: Facts) -> Iterator[Diagnostic]:
    """`reptile` and `joint` say nothing of what is not a weight of the model.

    Wrong: `train_on = learned(examples {})` with `metagrad = joint {}`. Right: `metagrad = truncated { window = 10 }`.
    """
    if facts.metagrad is None or facts.metagrad.name not in ("reptile", "joint"):
        return
    for path, learned in learned_of(facts):
        if hasattr(learned.start, "category") and not isinstance(learned.start, Architecture):
            yield error(
                "E0401",
                f"`{facts.metagrad.name}` learns weights of the model alone, and `{path}` is learned",
                facts.place(path),
                help=["take `metagrad = unroll {}` or `truncated`"],
            )


def matched_gradients_depend_on_it(facts: Facts) -> Iterator[Diagnostic]:
    """Gradient matching holds the weights constant: what only moves them has no gradient.

    Wrong: `lr = learned(0.1)` with `metagrad = gradient_matching {}`. Right: `lr = 0.1`.
    """
    if facts.metagrad is None or facts.metagrad.name != "gradient_matching":
        return
    if isinstance(facts.inner, HeadInner):
        yield error(
            "E0401",
            f"`gradient_matching` needs inner steps along a gradient, and `{facts.inner.name}` has none",
            facts.place("inner"),
            help=["take `sgd` or `momentum`"],
        )
    for path, _ in learned_of(facts):
        if path.split(".")[:2] != ["inner", "loss"] and path.split(".")[0] not in facts.tasks:
            yield error(
                "E0401",
                f"`gradient_matching` holds the weights constant, so it cannot learn `{path}`",
                facts.place(path),
                help=[f"do not learn `{path}`, or take `truncated` or `unroll`"],
            )


def choices_have_a_gradient(facts: Facts) -> Iterator[Diagnostic]:
    """What is drawn is not differentiable, and `reinforce` is about nothing else.

    Wrong: `architecture = learned(controller {})` with `metagrad = unroll {}`. Right: `metagrad = reinforce {}`.
    """
    if facts.metagrad is None:
        return
    name = facts.metagrad.name
    drawn = [(path, each) for path, each in learned_of(facts) if getattr(type(each.start), "samples", False)]
    for path, learned in drawn:
        if not type(facts.metagrad).values_alone:
            yield error(
                "E0401",
                f"`{learned.start.name}` draws operations, through which `{name}` cannot differentiate",
                facts.place("metagrad"),
                related=[(facts.place(path), "drawn anew for each task")],
                help=["take `metagrad = reinforce {}`, or `architecture = learned(mixture {..})`"],
            )
    if name != "reinforce" or facts.broken:
        return
    known = {path for path, _ in drawn}
    for path, _ in learned_of(facts):
        if path not in known:
            yield error(
                "E0401",
                f"`reinforce` is for choices that are drawn, and `{path}` is none",
                facts.place(path),
                help=[f"do not learn `{path}`, or take `unroll` or `es`"],
            )


def architectures_fit(facts: Facts) -> Iterator[Diagnostic]:
    """A space of operations is searched, a list of operations has one for each place."""
    for name, model in facts.models.items():
        architecture = getattr(model, "architecture", None)
        if architecture is None:
            continue
        kind, place = model.chosen, facts.place(f"{name}.architecture")
        if isinstance(kind, Searched) and not isinstance(architecture, Learned):
            yield error(
                "E0401",
                f"`{kind.name}` is a space to search in",
                place,
                help=[f"write `learned({kind.name} {{..}})`, or choose with `fixed_ops {{ ops = [..] }}`"],
            )
        elif not isinstance(kind, Searched) and isinstance(architecture, Learned):
            yield error(
                "E0401",
                f"`{kind.name}` has nothing to learn",
                place,
                help=["leave out `learned`, or take `mixture` or `controller`"],
            )
        elif not isinstance(kind, Searched) and len(kind.ops) != model.places:
            yield error(
                "E0401",
                f"`{name}` has {model.places} places, and `{kind.name}` has {len(kind.ops)} operations",
                place,
                help=["write one operation for each place, in the order of `metaspec explain model.cell`"],
            )


RULES = (
    learned_items_are_of_one_task,
    learned_labels_need_steps,
    augmented_items_are_seen,
    learned_losses_have_a_model,
    weights_alone_are_followed,
    matched_gradients_depend_on_it,
    choices_have_a_gradient,
    architectures_fit,
)
