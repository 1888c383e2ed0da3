from metaspec.spec.base import Count, field
from metaspec.spec.scores import ScoreOuter


class CmaEs(ScoreOuter):
    """Covariance matrix adaptation (Hansen 2016, with the constants of its table 1 and positive weights).

    m_i = mean + s B D z_i; the better half, weighted by rank, gives the next mean; the path of the mean adapts the step
    size s, and path and candidates the covariance C = B D^2 B^T. Time is that of `particles` inner loops, and of one
    decomposition of a matrix with the square of the number of meta-parameters: for at most some hundred.
    """

    references = ("hansen2016",)

    particles: Count = field(16, doc="candidates of one meta-iteration")
