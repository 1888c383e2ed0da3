from pydantic import SerializeAsAny

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Architecture, Model
from metaspec.spec.operations import LAYERS
from metaspec.spec.shapes import Cost, Parameter, Signature, dense, elements
from metaspec.spec.values import Learnable


class Cell(Model):
    """Nodes of one width, each the sum of operations on all nodes before it: a space of architectures (Liu et al. 2019).

    Node 0 is a linear layer of the flattened input; node j is the sum over i < j of the operation at the place (i, j),
    applied to node i. The head reads the mean of the nodes behind node 0. Places are in the order (0, 1), (0, 2), (1,
    2), (0, 3), ..., and there are nodes * (nodes + 1) / 2 of them. The paper's cell for recurrent networks is built
    like this, of the same operations.
    """

    references = ("liu2019",)

    nodes: Count = field(2, doc="nodes behind the first")
    width: Count = field(16, doc="width of every node")
    architecture: Learnable[SerializeAsAny[Architecture]] = field(
        doc="the operations: `learned(mixture {..})`, `learned(controller {..})` or `fixed_ops {..}`"
    )

    @property
    def places(self) -> int:
        """Pairs of a node with one behind it."""
        return self.nodes * (self.nodes + 1) // 2

    @property
    def chosen(self) -> Architecture:
        """The architecture, learned or not."""
        return self.architecture if isinstance(self.architecture, Architecture) else self.architecture.start

    def layers(self) -> tuple[str, ...]:
        """The linear layers of the operations that have one, place by place."""
        return tuple(
            f"place{place}_{operation}"
            for place in range(self.places)
            for operation in self.chosen.at(place)
            if operation in LAYERS
        )

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        inner = [each for layer in self.layers() for each in dense(layer, self.width, self.width)]
        inputs = dense("inputs", elements(signature.inputs), self.width)
        return (*inputs, *inner, *dense("head", self.width, signature.outputs))

    def cost(self, signature: Signature) -> Cost:
        layers, ends = len(self.layers()), elements(signature.inputs) + signature.outputs
        return Cost(2 * self.width * (layers * self.width + ends), ends + self.width * (2 * layers + self.nodes + 1))
