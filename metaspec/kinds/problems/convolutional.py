from typing import Literal

from metaspec.spec.base import Count, field
from metaspec.spec.problem import Classifier
from metaspec.spec.shapes import Parameter, dense


class Convolutional(Classifier):
    """A network of convolutions with stride 1, relu and one affine layer, on normal images that a random filter labels.

    Starts N(0, 0.01^2). Images have their channels last; the original takes them first and convolves them as if last.
    """

    size: Count = field(8, doc="height and width of an image")
    channels: Count = field(1, doc="channels of an image")
    filters: tuple[Count, ...] = field((4,), doc="filters of each convolution")
    kernel: Count = field(3, doc="height and width of a filter")
    rows: Count = field(200, doc="images that are learned from")
    batch: Count = field(20, doc="images of one step")
    activation: Literal["relu", "sigmoid"] = field("relu", doc="nonlinearity after each convolution")

    def parameters(self):
        found, inputs = [], self.channels
        for number, outputs in enumerate(self.filters, start=1):
            fans = {"fan_in": self.kernel**2 * inputs, "fan_out": self.kernel**2 * outputs}
            shape = (self.kernel, self.kernel, inputs, outputs)
            found.append(Parameter(layer=f"layer{number}", role="kernel", shape=shape, **fans))
            found.append(Parameter(layer=f"layer{number}", role="bias", shape=(outputs,), **fans))
            inputs = outputs
        return (*found, *dense("head", self.size**2 * inputs, 2))

    def operations(self) -> int:
        return super().operations() * self.size**2
