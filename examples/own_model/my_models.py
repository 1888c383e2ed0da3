"""A model of one's own, the half without TensorFlow: its fields, its parameters and what it costs.

`import python "my_models.py"` in a spec makes the kind `residual` known to `model`. `metaspec plan` shows its layers, and
every preset, meta-gradient and `learned(..., per = layer)` takes it like the models that are built in.
"""

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, dense, elements


class Residual(Model):
    """A residual network on the flattened input: h <- h + W2 relu(W1 h + b1) + b2 in each block (He et al. 2016)."""

    # The other half: a module beside this file, or one that is installed.
    executed_by = "my_models_tensorflow"

    blocks: Count = field(2, doc="residual blocks between the first and the last layer")
    width: Count = field(32, doc="width of all hidden layers")

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        inside = [
            parameter
            for block in range(1, self.blocks + 1)
            for half in ("inner", "outer")
            for parameter in dense(f"block{block}_{half}", self.width, self.width)
        ]
        first = dense("first", elements(signature.inputs), self.width)
        return (*first, *inside, *dense("head", self.width, signature.outputs))

    def cost(self, signature: Signature) -> Cost:
        """Operations and kept numbers of one item's forward pass: what the planner cuts shards by."""
        inputs = elements(signature.inputs)
        ends = self.width * (inputs + signature.outputs)
        return Cost(2 * (ends + 2 * self.blocks * self.width**2), inputs + 3 * (self.blocks + 1) * self.width)
