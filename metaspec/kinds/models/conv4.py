from metaspec.spec.base import Count, field
from metaspec.spec.convolution import Convolutional


class Conv4(Convolutional):
    """Four blocks of a 3x3 convolution, normalisation and relu, then one linear layer.

    `downsample = stride` halves the image in each convolution and averages over the pixels before the head
    (Finn et al. 2017 for characters); `pool` convolves at stride 1, max-pools by 2 and flattens (Vinyals et al.
    2016, and miniImageNet in every later paper).

    `norm = batch` takes the statistics of the items predicted together, in training and in evaluation alike: the
    model is transductive. `running` and `per_step` train and adapt with them too, keep moving averages of them, and predict
    with the averages in evaluation; `per_step` keeps a row for every inner step (Antoniou et al. 2019).

    With `context = N`, for CAVIA, a linear layer `film` of the context scales the channels of the third block, by 1 and
    what it gives, and shifts them (Zintgraf et al. 2019, section 4; theirs scales by what it gives alone).
    """

    references = ("vinyals2016", "finn2017")

    filters: Count = field(64, doc="channels of every block")

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.filters,) * 4
