from math import ceil
from typing import ClassVar, Literal, NamedTuple

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, dense


class Block(NamedTuple):
    """One 3x3 convolution: its channels, and the height and width of what it computes and of what it passes on."""

    layer: str
    inputs: int
    filters: int
    computed: tuple[int, int]
    passed: tuple[int, int]


class Conv4(Model):
    """Four blocks of a 3x3 convolution, normalisation and relu, then one linear layer.

    `downsample = stride` halves the image in each convolution and averages over the pixels before the head
    (Finn et al. 2017 for characters); `pool` convolves at stride 1, max-pools by 2 and flattens (Vinyals et al.
    2016, and miniImageNet in every later paper). With `norm = batch` the statistics are those of the items
    predicted together, in training and in evaluation alike: the model is transductive.
    """

    references = ("vinyals2016", "finn2017")
    wants_images: ClassVar[bool] = True

    filters: Count = field(64, doc="channels of every block")
    downsample: Literal["stride", "pool"] = field("stride", doc="how each block halves the image")
    norm: Literal["batch", "layer", "group", "none"] = field("batch", doc="normalisation after each convolution")
    groups: Count = field(8, doc="groups of channels for `norm = group`; divides `filters`")

    def blocks(self, signature: Signature) -> list[Block]:
        height, width, channels = signature.inputs
        blocks = []
        for number in range(1, 5):
            halved = (ceil(height / 2), ceil(width / 2)) if self.downsample == "stride" else (height // 2, width // 2)
            computed = halved if self.downsample == "stride" else (height, width)
            blocks.append(Block(f"conv{number}", channels, self.filters, computed, halved))
            (height, width), channels = halved, self.filters
        return blocks

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        parameters = []
        blocks = self.blocks(signature)
        for block in blocks:
            fans = {"fan_in": 9 * block.inputs, "fan_out": 9 * block.filters, "layer": block.layer}
            parameters.append(Parameter(role="kernel", shape=(3, 3, block.inputs, block.filters), **fans))
            parameters.append(Parameter(role="bias", shape=(block.filters,), **fans))
            if self.norm != "none":
                parameters.append(Parameter(role="scale", shape=(block.filters,), **fans))
                parameters.append(Parameter(role="shift", shape=(block.filters,), **fans))
        height, width = blocks[-1].passed
        features = self.filters if self.downsample == "stride" else height * width * self.filters
        return (*parameters, *dense("head", features, signature.outputs))

    def cost(self, signature: Signature) -> Cost:
        operations, activations = 0, 0
        for block in self.blocks(signature):
            pixels = block.computed[0] * block.computed[1]
            operations += 2 * 9 * pixels * block.inputs * block.filters
            activations += 3 * pixels * block.filters
        features = self.parameters(signature)[-2].shape[0]
        return Cost(operations + 2 * features * signature.outputs, activations + features)

    @property
    def batch_statistics(self) -> bool:
        return self.norm == "batch"
