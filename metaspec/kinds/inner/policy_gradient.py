from typing import Literal

from metaspec.spec.base import Count, NonNegative, Share, field
from metaspec.spec.gradient import AdaptingInner
from metaspec.spec.values import Setting


class PolicyGradient(AdaptingInner):
    """REINFORCE: w <- w + lr * mean over the sampled steps of grad log pi(action | observation) * advantage.

    Each inner step samples the task's `shots` trajectories with the policy as it then is. The advantage is the discounted
    return from a step on, minus that which a baseline predicts: least squares on the features of Duan et al. 2016
    (appendix: the observation, its squares, the time and its powers up to 3, and 1), fitted on one half of the
    trajectories and used on the other, so that it brings no bias.

    The meta-gradient with `sampling = counted` has two terms for a task. One goes through the adapted parameters to the
    query trajectories; the other is that of the probability of the support trajectories, since the parameters that are
    learned have chosen what is adapted to (Al-Shedivat et al. 2018, equation 9; Stadie et al. 2018, E-MAML). Together
    and with `discount = 1` they are an unbiased estimate of the gradient of the expected return after adaptation.
    `ignored` leaves out the second term, which has by far the larger variance, as Finn et al. 2017 do. With a discount
    below 1 the weight of later steps is as usual that of the return from them on.
    """

    references = ("williams1992", "finn2017", "duan2016", "alshedivat2018", "stadie2018")

    steps: Count = field(1, doc="inner steps")
    lr: Setting[NonNegative] = field(0.1, doc="step size")
    discount: Share = field(0.99, doc="weight of a reward for each step that it lies ahead")
    baseline: Literal["linear", "none"] = field("linear", doc="what is subtracted from returns")
    normalise: bool = field(
        True, doc="whether the advantages of a task are brought to mean 0 and deviation 1 in an inner step"
    )
    sampling: Literal["counted", "ignored"] = field(
        "ignored", doc="whether the meta-gradient counts how the support trajectories were sampled"
    )
