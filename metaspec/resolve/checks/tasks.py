"""Rules about tasks, and about who names them."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.origin import Layer
from metaspec.resolve.unknown import unknown_word
from metaspec.spec.kind import Data
from metaspec.spec.values import Distribution


def model_is_there(facts: Facts) -> Iterator[Diagnostic]:
    """A task that brings no objective of its own needs a model."""
    if facts.models or "model" in facts.broken:
        return
    for name, task in facts.tasks.items():
        if not task.brings_model:
            yield error(
                "E0208",
                f"the task `{name}` needs a model, and the spec has none",
                facts.place(name),
                help=["write one, such as `model net = mlp { hidden = [40, 40] }`"],
            )
            return


def one_model(facts: Facts) -> Iterator[Diagnostic]:
    """All tasks of a spec are learned with one model."""
    names = list(facts.models)
    for name in names[1:]:
        first = facts.place(names[0])
        yield error(
            "E0401",
            f"a spec has one model, and `{name}` is another",
            facts.place(name),
            related=[(first, "the first model")],
            help=["keep one of them; to compare models, write `list model { .. }` in a sweep"],
        )


def named_tasks_exist(facts: Facts) -> Iterator[Diagnostic]:
    """`train.on`, `evaluate.on` and the tasks of a cluster name tasks of the spec."""
    if "task" in facts.broken:
        return
    lists = [(block, "on", getattr(facts.single.get(block), "on", ())) for block in ("train", "evaluate")]
    lists += [(key, "tasks", cluster.tasks) for key, cluster in facts.named["cluster"].items()]
    for block, field, names in lists:
        for name in names:
            if name not in facts.tasks:
                yield unknown_word(
                    "E0204",
                    f"`{block}.{field}` names the task `{name}`, which the spec does not have",
                    name,
                    list(facts.tasks),
                    facts.place(f"{block}.{field}"),
                )


def shots_are_counted(facts: Facts) -> Iterator[Diagnostic]:
    """Shots that differ by class are drawn evenly between two whole numbers.

    Wrong: `shots = normal(5, 1)`, `shots = uniform(0, 5)`. Right: `shots = uniform(1, 5)`.
    """
    for name, task in facts.tasks.items():
        shots = getattr(task, "shots", None)
        if not isinstance(shots, Distribution):
            continue
        low, high = shots.arguments
        if shots.distribution != "uniform" or low != int(low) or high != int(high) or low < 1:
            yield error(
                "E0302",
                f"`{name}.shots` is a whole number of 1 or more, or `uniform` between two of them",
                facts.place(f"{name}.shots"),
                help=["write for example `shots = uniform(1, 5)`"],
            )


def fields_have_an_effect(facts: Facts) -> Iterator[Diagnostic]:
    """What divides the classes of a task says nothing of its items, and the other way round.

    Wrong: `fewshot { data = image_folder { validation = 0.3 } }`. Right: `split = fractions { validation = 0.3 }` there.
    """
    for name, task in facts.tasks.items():
        data = getattr(task, "data", None)
        if not isinstance(data, Data):
            continue
        written = [each for each in data.idle(task.trains) if _is_written(facts, f"{name}.data.{each}")]
        if not written:
            continue
        *most, last = (f"`{each}`" for each in written)
        listed = f"{', '.join(most)} and {last}" if most else last
        yield warning(
            "W0114",
            f"{listed} of the data {'has' if len(written) == 1 else 'have'} no effect in a `{task.name}` task",
            facts.place(f"{name}.data.{written[0]}"),
            help=_ways_out(data, task.trains, written),
        )


def _is_written(facts: Facts, path: str) -> bool:
    """Whether somebody set the field, or one inside of it."""
    chains = [chain for each, chain in facts.provenance.items() if each == path or each.startswith(f"{path}.")]
    return any(chain[-1].layer is not Layer.DEFAULT for chain in chains if chain)


def _ways_out(data: Data, trains: bool, written: list[str]) -> list[str]:
    shares = [f"{each} = {getattr(data, each):g}" for each in ("validation", "test", "seed") if each in written]
    ways = []
    if not trains:
        ways.append(f"its classes are divided by `split`: write `split = fractions {{ {', '.join(shares)} }}`")
    if trains and shares:
        ways.append("`split = folders {}` takes the folders as the parts; leave the shares out, or the split")
    if "split" in written:
        own = ", or write `split = folders {}` to take your own folders" if data.name == "image_folder" else ""
        ways.append(f"the items of each class are divided by the shares `validation` and `test` of the data{own}")
    if "rotations" in written:
        ways.append("only the classes of `fewshot` tasks are turned: leave `rotations` out")
    return ways


def tasks_fit_one_model(facts: Facts) -> Iterator[Diagnostic]:
    """Task blocks that share the model feed it inputs of one shape, and want outputs of one width."""
    if not facts.models:
        return
    seen: tuple[str, object] | None = None
    for name, signature in facts.signatures().items():
        interface = (signature.inputs, signature.outputs, signature.loss)
        if seen is None:
            seen = (name, interface)
        elif interface != seen[1]:
            other = facts.place(seen[0])
            message = f"the tasks `{seen[0]}` and `{name}` cannot share a model: their inputs or outputs differ"
            yield error(
                "E0401",
                message,
                facts.place(name),
                related=[(other, "the other task")],
                help=[f"`{name}` has inputs {_shape(signature.inputs)} and {signature.outputs} outputs"],
            )


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


RULES = (shots_are_counted, model_is_there, one_model, named_tasks_exist, fields_have_an_effect, tasks_fit_one_model)
