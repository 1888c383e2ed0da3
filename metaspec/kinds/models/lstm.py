from typing import ClassVar

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, dense


class Lstm(Model):
    """A character-level recurrent network with long short-term memory (Hochreiter and Schmidhuber 1997).

    i, f, o = sigmoid, g = tanh of [x, h] W + b;  c <- f c + i g,  h <- o tanh(c), with 1 added to the forget gate's bias.
    x is a learned vector of the character, then the state of the layer below; the head reads the last layer's state
    after each character and gives the logits of the next one. States start at zero in each piece of text.
    """

    references = ("hochreiter1997",)
    sequences: ClassVar[bool] = True

    units: Count = field(64, doc="width of the state of each layer")
    layers: Count = field(1, doc="layers, one on the other")
    embedding: Count = field(16, doc="width of a character's vector")

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        characters = signature.outputs
        fans = {"fan_in": characters, "fan_out": self.embedding}
        found = [Parameter(layer="embedding", role="kernel", shape=(characters, self.embedding), **fans)]
        for number in range(1, self.layers + 1):
            inputs = self.embedding if number == 1 else self.units
            found += dense(f"lstm{number}", inputs + self.units, 4 * self.units)
        return (*found, *dense("head", self.units, characters))

    def cost(self, signature: Signature) -> Cost:
        (length,), characters = signature.inputs, signature.outputs
        gates = sum((self.embedding if number == 0 else self.units) + self.units for number in range(self.layers))
        each = 2 * (characters * self.embedding + 4 * self.units * gates + self.units * characters)
        return Cost(length * each, length * (self.embedding + characters + 10 * self.units * self.layers))
