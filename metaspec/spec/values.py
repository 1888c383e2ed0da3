"""Values that are more than a number: what is learned, values by part, distributions, schedules.

Each is told from the others by a field that only it has, so that a union of them reads back from JSON.
"""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, TypeVar, Union

from annotated_types import Ge, Le
from pydantic import SerializeAsAny, field_validator

from metaspec.spec.base import Frozen
from metaspec.spec.kind import Outer
from metaspec.spec.shapes import Parameter

T = TypeVar("T")
Per = Literal["model", "layer", "tensor", "parameter", "step"]
Scale = Literal["linear", "log"]


class Learned(Frozen, Generic[T]):
    """`learned(start, per, scale, min, max, outer)`: a meta-parameter and its starting value.

    `name` is the meta-parameter's own: the path of its field, or the name of the `let` that declares it, in
    which case every use shares it.
    """

    positional: ClassVar[tuple[str, ...]] = ("start",)
    start: T
    per: tuple[Per, ...] = ("model",)
    scale: Scale = "linear"
    min: float | None = None
    max: float | None = None
    outer: SerializeAsAny[Outer] | None = None
    name: str = ""

    @field_validator("per", mode="before")
    @classmethod
    def _one_or_more(cls, per: Any) -> Any:
        """`per="layer"` as in a file, where one word needs no brackets."""
        return (per,) if isinstance(per, str) else per


class Parts(Frozen, Generic[T]):
    """`{ head = 0, rest = 0.1 }`: one value for each named part; `rest` is every parameter not named."""

    positional: ClassVar[tuple[str, ...]] = ("parts",)
    parts: dict[str, Union[T, Learned[T]]]

    def of(self, parameter: Parameter) -> Union[T, Learned[T], None]:
        """The entry of the first part that a parameter belongs to, else that of `rest`; None where there is neither."""
        own = (entry for part, entry in self.parts.items() if part in parameter.parts)
        return next(own, self.parts.get("rest"))


def part_of(value: Any, parameter: Parameter) -> Any:
    """What a setting says of a parameter: its entry in a table by part, or the one value that there is."""
    return value.of(parameter) if isinstance(value, Parts) else value


class Distribution(Frozen):
    """A draw: `uniform(low, high)`, `loguniform(low, high)`, `normal(mean, deviation)`."""

    positional: ClassVar[tuple[str, ...]] = ("distribution", "arguments")
    distribution: Literal["uniform", "loguniform", "normal"]
    arguments: tuple[float, float]


class Decay(Frozen):
    """A value that follows the meta-iteration: `cosine(first, last)`, `step(first, factor, every)`, `warmup(n, then)`.

    `cosine(a, b)` goes from a at the first meta-iteration to b at the last; `step(a, factor, every)` multiplies
    a by `factor` after each `every` meta-iterations; `warmup(n, then)` rises linearly over the first n
    meta-iterations to `then`, a number or another schedule, which it scales.
    """

    positional: ClassVar[tuple[str, ...]] = ("schedule", "arguments")
    schedule: Literal["cosine", "step", "warmup"]
    arguments: tuple[Union[float, "Decay"], ...]


class Weighted(Frozen):
    """`weighted([w1, w2, ...])`: the objective's weight for each inner step, from the first to the last."""

    positional: ClassVar[tuple[str, ...]] = ("weights",)
    weights: tuple[Annotated[float, Ge(0)], ...]


class MultiStep(Frozen):
    """`multi_step(share)`: the query loss after every inner step, over the first share of the meta-iterations.

    All steps weigh the same at first; the weight goes over to the last one, which is alone from then on.
    """

    positional: ClassVar[tuple[str, ...]] = ("share",)
    share: Annotated[float, Ge(0), Le(1)]


class Load(Frozen):
    """`load("runs/x")`: the value of the same meta-parameter in a finished run."""

    positional: ClassVar[tuple[str, ...]] = ("load",)
    load: str


class Given(Frozen):
    """A start that a task takes from its data, by the name that the task knows it by."""

    positional: ClassVar[tuple[str, ...]] = ("given",)
    given: str


Initializer = Literal["zeros", "ones", "glorot_uniform", "glorot_normal", "he_normal", "he_uniform", "random"]
Drawn = Union[T, Distribution]
Scheduled = Union[T, Decay]

if TYPE_CHECKING:
    Learnable = Union[T, Learned[T]]
    Setting = Union[T, Learned[T], Parts[T]]
else:
    # An alias cannot put the type into a pydantic class: `Learned[T]` is `Learned` itself, of any type.
    class Learnable:
        """A value, or one that is learned."""

        def __class_getitem__(cls, value: Any) -> Any:
            return Union[value, Learned[value]]

    class Setting:
        """A value, one that is learned, or one or the other for each part."""

        def __class_getitem__(cls, value: Any) -> Any:
            return Union[value, Learned[value], Parts[value]]
