from math import prod

from metaspec.kinds.models.mlp import Activation
from metaspec.spec.base import Count, Size, field
from metaspec.spec.kind import Augmentation
from metaspec.spec.optimizer import Weight
from metaspec.spec.shapes import Signature


class Network(Augmentation):
    """A network that adds something of its own to every item of an inner step (Lorraine et al. 2019, section 5).

    x' = x + f(x, z), with z `noise` standard normal numbers drawn for each item and step, and f fully connected on the
    flattened item. Its last layer starts at zero, so that training begins without augmentation. The objective is taken
    on items as they are. Lorraine et al. take a convolutional network, and differentiate implicitly.
    """

    references = ("lorraine2019",)

    hidden: tuple[Count, ...] = field((64,), doc="width of each hidden layer, first to last")
    activation: Activation = field("tanh", doc="nonlinearity after each hidden layer")
    noise: Size = field(16, doc="random numbers beside the item")

    def tensors(self, signature: Signature) -> tuple[Weight, ...]:
        size = prod(signature.inputs)
        widths = (size + self.noise, *self.hidden, size)
        found = []
        for number, (inputs, outputs) in enumerate(zip(widths, widths[1:], strict=False), start=1):
            last = number == len(widths) - 1
            layer = "head" if last else f"hidden{number}"
            start = "zeros" if last else "glorot_uniform"
            fans = {"fan_in": inputs, "fan_out": outputs}
            found.append(Weight(name=f"{layer}.kernel", shape=(inputs, outputs), start=start, **fans))
            found.append(Weight(name=f"{layer}.bias", shape=(outputs,), start="zeros"))
        return tuple(found)
