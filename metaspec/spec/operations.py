"""What learned architectures have in common: the operations they choose from."""

from typing import Annotated, Literal

from annotated_types import MinLen

from metaspec.spec.base import field
from metaspec.spec.kind import Architecture

# `zero` gives nothing and `identity` its input; the others are that nonlinearity of a linear layer.
Operation = Literal["zero", "identity", "relu", "tanh", "sigmoid"]
LAYERS: tuple[Operation, ...] = ("relu", "tanh", "sigmoid")


class Searched(Architecture):
    """An architecture that is looked for among operations, the same at each place."""

    ops: Annotated[tuple[Operation, ...], MinLen(2)] = field(
        ("zero", "identity", "relu", "tanh", "sigmoid"), doc="the operations that each place chooses from"
    )

    def at(self, place: int) -> tuple[Operation, ...]:
        """The operations at one place."""
        return self.ops
