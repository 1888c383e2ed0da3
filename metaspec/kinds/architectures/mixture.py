from metaspec.spec.operations import Searched
from metaspec.spec.optimizer import Weight


class Mixture(Searched):
    """All operations at once, weighted by a softmax: differentiable architecture search (Liu et al. 2019).

    A place with logits a computes the sum over its operations o of softmax(a)_o o(x). The logits start at zero. With
    `train { warm_start = true }` and an inner step or a few, `unroll { order = 2 }` is the second-order form of the
    paper, with the exact product in the place of its finite difference, and `order = 1` the first-order form, which
    holds the weights of the network constant. The report of a run names the operation of the largest weight at each
    place but `zero`, as `fixed_ops {..}`, to be trained anew.
    """

    references = ("liu2019",)

    def tensors(self, places: int) -> tuple[Weight, ...]:
        return (Weight(name="logits", shape=(places, len(self.ops)), start=0.0),)
