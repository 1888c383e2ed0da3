from typing import Annotated, Literal

from annotated_types import MinLen

from metaspec.spec.base import Count, field
from metaspec.spec.convolution import Convolutional


class Conv(Convolutional):
    """Blocks of a 3x3 convolution, normalisation and a nonlinearity with widths of their own, then one linear layer.

    `conv { filters = [96, 192, 384, 512], downsample = pool, slope = 0.1, outputs = 2 }` is the network of R2-D2
    (Bertinetto et al. 2019): the features are the outputs of the last two blocks. Theirs drops a tenth of the
    channels in the first blocks and four tenths in the last, which this one does not, and pools the last at stride 1.
    For the other fields see `conv4`.
    """

    references = ("bertinetto2019",)

    filters: Annotated[tuple[Count, ...], MinLen(1)] = field(
        (64, 64, 64, 64), doc="channels of each block, first to last"
    )
    outputs: Literal[1, 2] = field(1, doc="of how many of the last blocks the outputs are the features")

    @property
    def widths(self) -> tuple[int, ...]:
        return self.filters

    @property
    def feature_blocks(self) -> int:
        return min(self.outputs, len(self.filters))
