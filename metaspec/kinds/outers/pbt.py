from typing import Annotated

from annotated_types import Ge, Le

from metaspec.spec.base import Positive, field
from metaspec.spec.scores import ScoreOuter


class Pbt(ScoreOuter):
    """Population based training (Jaderberg et al. 2017): members train on, the worst copy the best.

    Each member has meta-parameters and weights of its own. A meta-iteration trains every member by `inner.steps` more
    steps; then the share `exploit` with the highest objective takes meta-parameters and weights from as many with the
    lowest, by rank, and moves its meta-parameters by normal(0, explore^2). So a run finds a schedule, which the weights
    have gone through; the meta-parameters that it ends with are those of the best member, and the evaluation trains
    anew with them. What the inner method remembers besides the weights begins anew in each meta-iteration.

    Time is that of `particles` trainings side by side; all weights travel with the meta-parameters.
    """

    references = ("jaderberg2017",)

    particles: Annotated[int, Ge(2)] = field(16, doc="members of the population")
    exploit: Annotated[float, Ge(0), Le(0.5)] = field(0.25, doc="share of the members that copy others")
    explore: Positive = field(0.2, doc="standard deviation of the move of a copied member")
