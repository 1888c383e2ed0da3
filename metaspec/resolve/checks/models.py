"""Rules about a model, and about who names its layers."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.unknown import unknown_word
from metaspec.spec.shapes import Parameter
from metaspec.spec.values import Parts


def groups_divide_filters(facts: Facts) -> Iterator[Diagnostic]:
    """Group normalisation cuts the channels into equal groups."""
    for name, model in facts.models.items():
        if getattr(model, "norm", None) != "group":
            continue
        odd = next((width for width in model.widths if width % model.groups), None)
        if odd is not None:
            common = gcd(*model.widths)
            divisors = [str(each) for each in range(1, common + 1) if common % each == 0]
            yield error(
                "E0401",
                f"{model.groups} groups do not divide {odd} filters evenly",
                facts.place(f"{name}.groups"),
                related=[(facts.place(f"{name}.filters"), "the filters")],
                help=[f"take {', '.join(divisors)} groups"],
            )


def inputs_are_large_enough(facts: Facts) -> Iterator[Diagnostic]:
    """Halving must leave at least a pixel for every layer."""
    for name, model in facts.models.items():
        for task, signature in facts.signatures().items():
            if len(signature.inputs) != 3 and model.wants_images:
                shape = "x".join(map(str, signature.inputs))
                yield error(
                    "E0401",
                    f"`{model.name}` takes images, and the inputs of `{task}` have the shape {shape}",
                    facts.place(name),
                    help=["take `model net = mlp {}` or `linear`"],
                )
                return
            empty = next((each for each in model.parameters(signature) if 0 in each.shape), None)
            if empty:
                height, width, _ = signature.inputs
                yield error(
                    "E0401",
                    f"nothing is left of an image of {height}x{width} pixels at the layer `{empty.layer}` of `{name}`",
                    facts.place(name),
                    related=[(facts.place(task), "the images")],
                    help=["take `downsample = stride`, or images of 16x16 pixels and more"],
                )
                return


def statistics_of_one_item(facts: Facts) -> Iterator[Diagnostic]:
    """Batch normalisation over a single item of dense layers has nothing to average."""
    for name, model in facts.models.items():
        for task, signature in facts.signatures().items():
            if model.batch_statistics and signature.support == 1:
                related = [(facts.place(task), "one item in the support set")]
                yield warning(
                    "W0103",
                    f"`norm = batch` in `{name}` takes its statistics from a single support item",
                    facts.place(f"{name}.norm"),
                    related=related,
                    help=["take `norm = layer`, `group` or `none`"],
                )


def adapted_layers_exist(facts: Facts) -> Iterator[Diagnostic]:
    """`adapt = [names]` names layers of the model, roles such as `kernel`, or single parameters."""
    adapt = getattr(facts.inner, "adapt", "all")
    parameters = facts.parameters()
    if isinstance(adapt, str) or parameters is None:
        return
    layers = list(dict.fromkeys(each.layer for each in parameters))
    names = {name for each in parameters for name in (each.role, each.name)}
    for layer in adapt:
        if layer not in layers and layer not in names:
            yield unknown_word(
                "E0204",
                f"`inner.adapt` names the layer `{layer}`, which the model does not have",
                layer,
                layers,
                facts.place("inner.adapt"),
            )


def parts_exist(facts: Facts) -> Iterator[Diagnostic]:
    """A table by part names layers, roles or parameters of the model, and covers all of them.

    It may speak of normalisations that the model does not have, since they come and go with one word of the spec.
    """
    parameters = facts.parameters()
    if facts.inner is None or parameters is None:
        return
    for field in type(facts.inner).model_fields:
        table = getattr(facts.inner, field)
        if isinstance(table, Parts):
            yield from _parts(facts, f"inner.{field}", table, parameters)


def _parts(facts: Facts, path: str, table: Parts, parameters: tuple[Parameter, ...]) -> Iterator[Diagnostic]:
    names = {name: None for each in parameters for name in (each.layer, each.role, each.name)}
    for part in table.parts:
        if part not in names and part not in (*NORMALISATION, "rest"):
            yield unknown_word(
                "E0204",
                f"`{path}` names the part `{part}`, which the model does not have",
                part,
                [*names, "rest"],
                facts.place(f"{path}.{part}"),
            )
    left = [each.name for each in parameters if not {each.layer, each.role, each.name, "rest"} & table.parts.keys()]
    if left:
        yield error(
            "E0208",
            f"`{path}` has no value for {', '.join(left)}",
            facts.place(path),
            help=["add `rest = ..`, which stands for every parameter not named"],
        )


def statistics_can_be_kept(facts: Facts) -> Iterator[Diagnostic]:
    """Kept statistics follow the batches of whole inner loops; a row for each step needs features that change in them.

    Wrong: `norm = running` with `metagrad = pes {..}`, `norm = per_step` with `adapt = head`. Right: `unroll`, and `running`.
    """
    for name, model in facts.models.items():
        norm = getattr(model, "norm", "none")
        if norm not in ("running", "per_step") or facts.metagrad is None or facts.inner is None:
            continue
        if not type(facts.metagrad).whole_loops:
            yield error(
                "E0401",
                f"`norm = {norm}` keeps the statistics of whole inner loops, and `{facts.metagrad.name}` runs none",
                facts.place(f"{name}.norm"),
                related=[(facts.place("metagrad"), "the meta-gradient")],
                help=["take `norm = layer` or `group`, or `metagrad = unroll {}`"],
            )
        elif norm == "per_step" and (facts.inner.replaces_head or getattr(facts.inner, "adapt", "") == "head"):
            yield error(
                "E0401",
                "`norm = per_step` has a row for each inner step, and here no step changes what is normalised",
                facts.place(f"{name}.norm"),
                help=["take `norm = running`"],
            )


# Roles of the parameters of a normalisation.
NORMALISATION = ("scale", "shift")


def characters_have_a_model(facts: Facts) -> Iterator[Diagnostic]:
    """A text is numbers of characters, with a target behind each of them.

    Wrong: `task sonnets = language {}` with `model net = mlp {}`. Right: `model net = lstm {}`.
    """
    for block, model in facts.models.items():
        for name, task in facts.tasks.items():
            if task.brings_model or model.sequences == task.sequences:
                continue
            yield error(
                "E0401",
                f"`{model.name}` takes {'a text' if model.sequences else 'numbers'}, and `{name}` gives "
                f"{'a text' if task.sequences else 'numbers'}",
                facts.place(block),
                related=[(facts.place(name), "the task")],
                help=[
                    f"take a model of numbers, such as `model {block} = mlp {{ hidden = [40, 40] }}`, or a `language` task"
                    if model.sequences
                    else f"take `model {block} = lstm {{}}`"
                ],
            )
    for name, task in facts.tasks.items():
        if (
            task.sequences
            and facts.inner is not None
            and (facts.inner.replaces_head or getattr(facts.inner, "loss", None))
        ):
            yield error(
                "E0401",
                f"`{name}` has a target for each character, and the inner method takes one for each item",
                facts.place("inner.loss") if getattr(facts.inner, "loss", None) else facts.place("inner"),
                help=["take gradient steps such as `momentum` or `adam`, on the task's own loss"],
            )


RULES = (
    characters_have_a_model,
    statistics_can_be_kept,
    groups_divide_filters,
    inputs_are_large_enough,
    statistics_of_one_item,
    adapted_layers_exist,
    parts_exist,
)
