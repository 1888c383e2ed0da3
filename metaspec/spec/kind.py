"""Kinds: the classes that stand on the right of `KEYWORD = KIND { ... }`.

Each category of kinds (inner methods, models, data, ...) has one base class here, which states what the
planner asks of a kind. A kind itself is one file in `metaspec/kinds/CATEGORY/`; its name is the file's name.
Nothing here needs TensorFlow: what executes a kind is the module that `executed_by` names.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pydantic import ModelWrapValidatorHandler, model_serializer, model_validator

from metaspec.spec.base import Frozen
from metaspec.spec.shapes import Cost, Parameter, Signature, Sizes

if TYPE_CHECKING:
    import numpy as np

    from metaspec.data.classes import Source
    from metaspec.spec.optimizer import Weight

PARTS = ("train", "validation", "test")


class Kind(Frozen):
    """Fields of one kind. Serialises as its fields and `kind`; read back through the registry."""

    category: ClassVar[str] = ""
    executed_by: ClassVar[str] = ""  # module path with {name}; its existence is what "available" means
    references: ClassVar[tuple[str, ...]] = ()  # keys of metaspec.kinds.references
    extra: ClassVar[tuple[str, str] | None] = (
        None  # the package that only this kind needs, and the extra that brings it
    )
    name: ClassVar[str] = ""  # the kind's name in the language; set from the file's name

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.category and cls.__module__.startswith("metaspec.kinds."):
            cls.name = cls.__module__.rpartition(".")[2]

    @model_serializer(mode="plain")
    def _dump(self) -> dict[str, Any]:
        return {"kind": self.name} | {name: getattr(self, name) for name in type(self).model_fields}

    @model_validator(mode="wrap")
    @classmethod
    def _dispatch(cls, value: Any, handler: "ModelWrapValidatorHandler[Kind]") -> "Kind":
        """Reads {"kind": NAME, ...} as the class of that kind, whatever base class the field is declared with."""
        if isinstance(value, dict) and "kind" in value:
            from metaspec.kinds import registry  # the registry imports the kinds, which import this module

            fields = {key: entry for key, entry in value.items() if key != "kind"}
            target = registry.load(cls.category, value["kind"])
            return handler(fields) if target is cls else target.model_validate(fields)
        return handler(value)


def in_this_process() -> "Schedule":
    """The schedule of a spec that names none."""
    from metaspec.kinds import registry  # as above

    return cast("Schedule", registry.load("schedules", "inline")())


def _shown(value: Any) -> str:
    """A field's value in the text of a graph."""
    if isinstance(value, Problem):
        return value.graph
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, tuple) else str(value)


class Data(Kind):
    """Where items and their classes come from."""

    category: ClassVar[str] = "data"
    executed_by: ClassVar[str] = "metaspec.data.{name}"

    @property
    def item_shape(self) -> tuple[int, ...] | None:
        """Shape of one item, as far as the fields alone tell it; None where only the files know. For checks."""
        return None

    def idle(self, trains: bool) -> tuple[str, ...]:
        """Fields that a task does not look at: one that divides the items of each class (`trains`), or one of classes."""
        split = getattr(self, "split", None)
        if not trains:
            names: tuple[str, ...] = ("validation", "test")
        elif split is not None and split.of_items:
            names = ("validation", "test", "rotations")
        else:
            names = ("split", "rotations")
        return tuple(name for name in names if name in type(self).model_fields)

    def source(self, location: Path | None) -> "Source":
        """The reader of the items. `location` is where `path` leads, for data that has one."""
        raise TypeError(f"{self.name} declares no reader")

    def picture(self, content: bytes, name: str) -> "np.ndarray | None":
        """The item that a picture in a file becomes; None for data whose items are no pictures of files.

        `name` is for messages. Raises DataError.
        """
        return None


class Task(Kind):
    """A distribution of tasks."""

    category: ClassVar[str] = "tasks"
    executed_by: ClassVar[str] = "metaspec.backend.tasks.{name}"
    brings_model: ClassVar[bool] = False  # its objective is a function of parameters of its own
    trains: ClassVar[bool] = False  # each task is a whole training on the one data set of the block
    sequences: ClassVar[bool] = False  # inputs are numbers of characters, (length,), with a target for each
    from_files: ClassVar[bool] = False  # episodes are gathered by the worker in NumPy, not drawn in the graph

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        """What a model must take and give. `item_shape` is the data's, for tasks that have data."""
        raise TypeError(f"{self.name} declares no signature")

    def found(self, location: Path | None, parts: Sequence[str] = PARTS) -> Any:
        """What a task with `from_files` finds at a location: `table`, `classes`, `location` and `problems`.

        parts: those that the run draws from. A task whose inner steps take the training part needs it always.
        Raises DataError where the data cannot be had.
        """
        raise TypeError(f"{self.name} declares no data")

    def signature_of(self, found: Any) -> Signature:
        """The signature of a task with `from_files`, from what it found."""
        return self.signature(found.table.item_shape)


class Model(Kind):
    """A pure function of parameters and inputs."""

    category: ClassVar[str] = "models"
    executed_by: ClassVar[str] = "metaspec.backend.models.{name}"
    wants_images: ClassVar[bool] = False  # inputs must be (height, width, channels)
    convolves: ClassVar[bool] = False  # much arithmetic for each weight: tasks run one at a time, not on one task axis
    sequences: ClassVar[bool] = False  # inputs must be numbers of characters, and only those

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """The parameters in order, layer by layer; the last layer is called `head`."""
        raise TypeError(f"{self.name} declares no parameters")

    def cost(self, signature: Signature) -> Cost:
        """Arithmetic and memory of one item's forward pass."""
        raise TypeError(f"{self.name} declares no cost")

    def statistics(self, signature: Signature, steps: int) -> tuple[Parameter, ...]:
        """Statistics of normalisations that are kept between meta-iterations, (rows, channels); a row for each step or one."""
        return ()

    @property
    def batch_statistics(self) -> bool:
        """Whether a prediction depends on the other items of its batch (transductive)."""
        return False


class Problem(Kind):
    """An optimisation problem: parameters and an objective of its own."""

    category: ClassVar[str] = "problems"
    executed_by: ClassVar[str] = "metaspec.backend.problems.{name}"

    in_data: ClassVar[frozenset[str]] = frozenset({"noise"})  # fields that reach the graph as data of the instance

    @property
    def classifies(self) -> bool:
        """Whether accuracy is measured."""
        return False

    @property
    def noisy(self) -> bool:
        """Whether noise is added to the gradient."""
        return getattr(self, "noise", 0.0) > 0

    @property
    def graph(self) -> str:
        """What tells its compiled graph from others: instances of equal text may stand on one task axis."""
        shown = [
            f"{name}={_shown(getattr(self, name))}" for name in type(self).model_fields if name not in self.in_data
        ]
        return f"{self.name}({', '.join(shown)})" + ("+noise" if self.noisy else "")

    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, in order."""
        raise TypeError(f"{self.name} declares no parameters")

    def operations(self) -> int:
        """About the floating-point operations of one evaluation of the objective."""
        raise TypeError(f"{self.name} declares no cost")


class Inner(Kind):
    """How one task is learned."""

    category: ClassVar[str] = "inner"
    executed_by: ClassVar[str] = "metaspec.backend.inner.{name}"
    replaces_head: ClassVar[bool] = False  # it predicts from the features before the model's last layer
    gradients: ClassVar[int] = 1  # of a batch, that a step computes

    def adapts(self, parameter: Parameter) -> bool:
        """Whether inner steps change a parameter of the model."""
        return False

    def remembers(self) -> int:
        """Numbers that it remembers from step to step for each parameter that it adapts, besides the parameter."""
        return 0

    def works_with(self) -> int:
        """Numbers that a step under a tape keeps for each parameter that it adapts, besides those of the gradient."""
        return 0


# Passes over an item, counted in forward passes: a gradient takes three, its own derivative about three more.
GRADIENT, CURVED = 3, 6


class Metagrad(Kind):
    """How the meta-gradient is computed."""

    category: ClassVar[str] = "metagrads"
    executed_by: ClassVar[str] = "metaspec.backend.metagrads.{name}"
    carries: ClassVar[bool] = False  # trajectories go on in the next meta-iteration: the driver keeps their state
    # What a spec may ask of it besides. Checks refuse what a kind does not claim, so that no field is ignored.
    sees_steps: ClassVar[bool] = False  # an objective over the inner steps reaches it, not only the adapted state
    knows_start: ClassVar[bool] = False  # and one relative to the loss at the start of a trajectory
    whole_loops: ClassVar[bool] = False  # each meta-iteration is whole inner loops, which statistics can be kept of
    values_alone: ClassVar[bool] = False  # it differentiates no inner step: what a task draws may decide about them
    acts: ClassVar[bool] = False  # it goes with tasks whose model acts: it samples trajectories where it needs them

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        """How often one task's meta-gradient goes through a support item and through a query item, about.

        A forward pass counts 1, with its backward pass 3. Here those of a method that takes every step once.
        """
        return GRADIENT * steps, GRADIENT

    def kept(self, size: Sizes, numbers: int) -> int:
        """Numbers that it keeps of one task at the most; `numbers` are those it is the gradient of.

        Here those of a method that looks back on no step. Kinds with particles are counted by them.
        """
        return 2 * size.state + size.first + size.query


class Outer(Kind):
    """How meta-parameters are updated."""

    category: ClassVar[str] = "outers"
    executed_by: ClassVar[str] = "metaspec.backend.outers.{name}"
    scores: ClassVar[bool] = False  # it draws candidates and takes their scores, in the place of a meta-gradient
    searches: ClassVar[bool] = (
        False  # its step is searched for in rounds of all shards (`metaspec.runtime.trust_region`)
    )


class Schedule(Kind):
    """How the work runs in parallel."""

    category: ClassVar[str] = "schedules"
    executed_by: ClassVar[str] = "metaspec.runtime.pools.{name}"


class Exchange(Kind):
    """What workers exchange: gradients (always there) or weights."""

    category: ClassVar[str] = "exchanges"
    executed_by: ClassVar[str] = "metaspec.runtime.exchanges.{name}"

    @property
    def updates(self) -> int:
        """Outer updates of one meta-iteration."""
        return 1


class Merge(Kind):
    """How the copies of a meta-model become one (Soulier 2020: weight generators)."""

    category: ClassVar[str] = "merges"
    executed_by: ClassVar[str] = "metaspec.runtime.merges.{name}"


class Cluster(Kind):
    """How tasks are put into clusters."""

    category: ClassVar[str] = "clusters"
    executed_by: ClassVar[str] = "metaspec.cluster.{name}"

    def names(self, block: str) -> tuple[str, ...]:
        """The clusters that the block of this name declares, in order."""
        raise TypeError(f"{self.name} declares no clusters")


class Grouping(Kind):
    """How clusters are packed into cluster groups."""

    category: ClassVar[str] = "groupings"
    executed_by: ClassVar[str] = "metaspec.cluster.{name}"


class Split(Kind):
    """How classes are divided into training, validation and test."""

    category: ClassVar[str] = "splits"
    executed_by: ClassVar[str] = "metaspec.data.splits"
    by_folder: ClassVar[bool] = False  # it takes the parts that the data's own folders tell
    of_items: ClassVar[bool] = False  # in a `training` task it says which items of each class are for what

    def division(self) -> Any:
        """The split that `metaspec.data.splits` knows how to make."""
        raise TypeError(f"{self.name} declares no division")


class Solver(Kind):
    """How an implicit meta-gradient solves its linear system."""

    category: ClassVar[str] = "solvers"
    executed_by: ClassVar[str] = "metaspec.backend.solvers.{name}"


class LearnedSource(Kind):
    """What a task is trained on, where that is itself learned (dataset distillation)."""

    category: ClassVar[str] = "sources"
    executed_by: ClassVar[str] = "metaspec.backend.sources.{name}"

    def tensors(self, signature: Signature) -> "tuple[Weight, ...]":
        """The tensors that are learned, in order; `signature` is that of the task."""
        raise TypeError(f"{self.name} declares no tensors")


class Augmentation(Kind):
    """What changes the items of an inner step, with weights of its own."""

    category: ClassVar[str] = "augmentations"
    executed_by: ClassVar[str] = "metaspec.backend.augmentations.{name}"

    def tensors(self, signature: Signature) -> "tuple[Weight, ...]":
        """The tensors that are learned, in order; `signature` is that of the task."""
        raise TypeError(f"{self.name} declares no tensors")


class Architecture(Kind):
    """Which operation stands at each place of a model that leaves it open."""

    category: ClassVar[str] = "architectures"
    executed_by: ClassVar[str] = "metaspec.backend.architectures.{name}"
    samples: ClassVar[bool] = False  # each task draws its operations: nothing is differentiable through the draw

    def tensors(self, places: int) -> "tuple[Weight, ...]":
        """The tensors that are learned, in order, for a model with so many places."""
        raise TypeError(f"{self.name} declares no tensors")


class Preset(Kind):
    """A name of the literature: stands in `inner` and expands into blocks, written in the language itself.

    A field written on the preset goes to the first of those blocks that declares it.
    """

    category: ClassVar[str] = "presets"
    expansion: ClassVar[str] = ""
