from typing import ClassVar, Literal

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import GRADIENT, Metagrad


class Es(Metagrad):
    """Evolution strategies: the gradient of the objective smoothed by a Gaussian, from perturbed runs.

    g = mean over particles of (F(m + e) - F(m - e)) e / (2 sigma^2), e ~ normal(0, sigma^2 I), for meta-parameters m as
    they are stored (their logarithm where `scale = log`). With `antithetic = false` each particle runs once, and
    g = sum of (F_i - mean of the others) e_i / (n sigma^2). Both are unbiased for the gradient of the smoothed
    objective.

    Only values of the objective are used: the inner steps need not be differentiable. Time is that of 2 n inner loops
    without gradients of gradients; memory is one state for each run, whatever the steps. The error grows with the
    root of the number of meta-parameters over n.

    With `window` a meta-iteration runs so many inner steps of a trajectory that goes on in the next one (Metz et al.
    2019), and what a perturbation does after its window is not seen: a bias that `pes` does not have. As in
    google/learned_optimization the run with the positive sign is the one that goes on; the paper's goes on unperturbed.

    `shaping = ranks` puts ranks in -0.5 .. 0.5 in the place of objectives (Salimans et al. 2017, section 2.1): robust
    against outliers, and only the direction is an estimate then.
    """

    references = ("salimans2017", "metz2019")
    carries: ClassVar[bool] = True
    sees_steps: ClassVar[bool] = True
    knows_start: ClassVar[bool] = True
    values_alone: ClassVar[bool] = True

    window: Count | None = field(None, doc="inner steps of one window; all of them where absent")
    particles: Count = field(64, doc="perturbations of one task's estimate")
    sigma: Positive = field(0.01, doc="standard deviation of the perturbations")
    antithetic: bool = field(True, doc="whether each perturbation is used with both signs")
    shaping: Literal["none", "ranks"] = field("none", doc="what stands for the objectives: themselves, or their ranks")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        runs = self.particles * (2 if self.antithetic else 1)
        return runs * GRADIENT * min(self.window or steps, steps), runs
