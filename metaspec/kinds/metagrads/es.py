from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import Metagrad


class Es(Metagrad):
    """Evolution strategies: the gradient of the objective smoothed by a Gaussian, from perturbed runs."""

    window: Count | None = field(None, doc="inner steps of one window; all of them where absent")
    particles: Count = field(64, doc="perturbations of one estimate")
    sigma: Positive = field(0.01, doc="standard deviation of the perturbations")
    antithetic: bool = field(True, doc="whether each perturbation is used with both signs")
