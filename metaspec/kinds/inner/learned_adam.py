from math import log
from typing import Annotated

from annotated_types import Gt, Lt

from metaspec.spec.base import Positive, field
from metaspec.spec.optimizer import LearnedInner, Weight


class LearnedAdam(LearnedInner):
    """Adam whose step size, decays and epsilon are learned, as logarithms and logits (Wichrowska et al. 2017).

    theta <- theta - r m^ / (sqrt(v^ + 1e-10) + epsilon). In the original v stays 0 for a mistake in its average, and the
    step is about 1e5 r m^: `faithful` does the same.
    """

    lr: Positive = field(1e-3, doc="step size at the start")
    beta1: Annotated[float, Gt(0), Lt(1)] = field(0.9, doc="decay of the first moment at the start")
    beta2: Annotated[float, Gt(0), Lt(1)] = field(0.999, doc="decay of the second moment at the start")
    epsilon: Positive = field(1e-8, doc="added to the root of the second moment, at the start")
    faithful: bool = field(False, doc="whether the second moment stays 0, as in the original")

    def tensors(self) -> tuple[Weight, ...]:
        starts = {
            "log_rate": log(self.lr),
            "beta1": log(self.beta1 / (1 - self.beta1)),
            "beta2": log(self.beta2 / (1 - self.beta2)),
            "log_epsilon": log(self.epsilon),
        }
        return tuple(Weight(name=name, shape=(), start=start) for name, start in starts.items())

    def own_memory(self) -> int:
        return 2
