"""What convolutional models have in common: blocks of a 3x3 convolution, normalisation and a nonlinearity."""

from math import ceil
from typing import ClassVar, Literal, NamedTuple

from metaspec.spec.base import Count, Fraction, Size, field
from metaspec.spec.kind import Model
from metaspec.spec.shapes import Cost, Parameter, Signature, conditioning, dense

Norm = Literal["batch", "running", "per_step", "layer", "group", "none"]


class Block(NamedTuple):
    """One 3x3 convolution: its channels, and the height and width of what it computes and of what it passes on."""

    layer: str
    inputs: int
    filters: int
    computed: tuple[int, int]
    passed: tuple[int, int]


class Convolutional(Model):
    """Blocks of a 3x3 convolution, normalisation and a nonlinearity, then one linear layer."""

    wants_images: ClassVar[bool] = True
    convolves: ClassVar[bool] = True

    downsample: Literal["stride", "pool"] = field("stride", doc="how each block halves the image")
    norm: Norm = field("batch", doc="normalisation after each convolution")
    groups: Count = field(8, doc="groups of channels for `norm = group`; divides every number of filters")
    momentum: Fraction = field(
        0.9, doc="share of the kept statistics that stays in an update, for `running` and `per_step`"
    )
    slope: Fraction = field(0.0, doc="slope of the nonlinearity below zero; 0 is relu")
    context: Size = field(0, doc="conditioning inputs, which scale and shift the channels of the last block but one")

    @property
    def widths(self) -> tuple[int, ...]:
        """Filters of each block."""
        raise TypeError(f"{self.name} declares no blocks")

    @property
    def feature_blocks(self) -> int:
        """Of how many of the last blocks the outputs are the features."""
        return 1

    def blocks(self, signature: Signature) -> list[Block]:
        height, width, channels = signature.inputs
        blocks = []
        for number, filters in enumerate(self.widths, 1):
            halved = (ceil(height / 2), ceil(width / 2)) if self.downsample == "stride" else (height // 2, width // 2)
            computed = halved if self.downsample == "stride" else (height, width)
            blocks.append(Block(f"conv{number}", channels, filters, computed, halved))
            (height, width), channels = halved, filters
        return blocks

    @property
    def conditioned(self) -> str:
        """The layer whose channels the context scales and shifts."""
        return f"conv{max(len(self.widths) - 1, 1)}"

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        parameters: list[Parameter] = []
        blocks = self.blocks(signature)
        for block in blocks:
            fans = {"fan_in": 9 * block.inputs, "fan_out": 9 * block.filters, "layer": block.layer}
            parameters.append(Parameter(role="kernel", shape=(3, 3, block.inputs, block.filters), **fans))
            parameters.append(Parameter(role="bias", shape=(block.filters,), **fans))
            if self.norm != "none":
                parameters.append(Parameter(role="scale", shape=(block.filters,), **fans))
                parameters.append(Parameter(role="shift", shape=(block.filters,), **fans))
            if self.context and block.layer == self.conditioned:
                parameters += [conditioning(self.context), *dense("film", self.context, 2 * block.filters)]
        return (*parameters, *dense("head", self.features(blocks), signature.outputs))

    def features(self, blocks: list[Block]) -> int:
        """Numbers that go into the last layer for one item."""
        pixels = [1 if self.downsample == "stride" else block.passed[0] * block.passed[1] for block in blocks]
        sizes = [each * block.filters for each, block in zip(pixels, blocks, strict=True)]
        return sum(sizes[-self.feature_blocks :])

    def cost(self, signature: Signature) -> Cost:
        operations, activations = 0, 0
        blocks = self.blocks(signature)
        for block in blocks:
            pixels = block.computed[0] * block.computed[1]
            operations += 2 * 9 * pixels * block.inputs * block.filters
            activations += 3 * pixels * block.filters
        features = self.features(blocks)
        return Cost(operations + 2 * features * signature.outputs, activations + features)

    def statistics(self, signature: Signature, steps: int) -> tuple[Parameter, ...]:
        if self.norm not in ("running", "per_step"):
            return ()
        rows = steps + 1 if self.norm == "per_step" else 1
        return tuple(
            Parameter(layer=block.layer, role=role, shape=(rows, block.filters), fan_in=1, fan_out=1)
            for block in self.blocks(signature)
            for role in ("mean", "variance")
        )

    @property
    def batch_statistics(self) -> bool:
        return self.norm == "batch"
