from itertools import pairwise
from typing import Literal

from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, conditioning, dense, elements

Activation = Literal["relu", "tanh", "sigmoid", "elu", "gelu", "softplus"]
# Their derivatives are functions of their values: what went into them need not be kept for the backward pass.
OF_THE_VALUE = ("relu", "tanh", "sigmoid")


class Mlp(Model):
    """Fully connected layers on the flattened input, a nonlinearity after each but the last.

    The sinusoid network of Finn et al. 2017 (section 5.1) is `mlp { hidden = [40, 40] }`, that of CAVIA (Zintgraf et
    al. 2019, section 5.1) the same with `context = 5`: parameters named `context` that stand beside the inputs.
    """

    hidden: tuple[Count, ...] = field((40, 40), doc="width of each hidden layer, first to last")
    activation: Activation = field("relu", doc="nonlinearity after each hidden layer")
    context: Size = field(0, doc="conditioning inputs, set beside those of the first layer")

    def _layers(self, signature: Signature) -> list[tuple[str, int, int]]:
        widths = (elements(signature.inputs) + self.context, *self.hidden, signature.outputs)
        names = [f"hidden{number}" for number in range(1, len(self.hidden) + 1)] + ["head"]
        return [(name, *pair) for name, pair in zip(names, pairwise(widths), strict=True)]

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        own = (conditioning(self.context),) if self.context else ()
        return own + tuple(parameter for layer in self._layers(signature) for parameter in dense(*layer))

    def cost(self, signature: Signature) -> Cost:
        layers = self._layers(signature)
        operations = sum(2 * inputs * outputs for _, inputs, outputs in layers)
        kept = 1 if self.activation in OF_THE_VALUE else 2
        return Cost(operations, elements(signature.inputs) + sum(kept * outputs for _, _, outputs in layers))
