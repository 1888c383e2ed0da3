from metaspec.spec.base import Count, NonNegative, field
from metaspec.spec.scores import ScoreOuter


class Elite(ScoreOuter):
    """Sample, keep the best, refit mean and variance (the cross-entropy method, Rubinstein 1999).

    m_i ~ normal(mean, deviation^2) for each entry by itself; the `keep` candidates with the lowest objective give the
    new mean and the new deviation, which is never below `floor`. Time is that of `particles` inner loops without
    gradients of gradients, memory that of one. It works up to some tens of meta-parameters.
    """

    references = ("rubinstein1999",)

    particles: Count = field(32, doc="candidates of one meta-iteration")
    keep: Count = field(8, doc="candidates that the next mean and deviation come from")
    floor: NonNegative = field(1e-3, doc="smallest standard deviation, so that the search does not stand still")
