from typing import ClassVar

from metaspec.spec.base import Count, Positive, field
from metaspec.spec.kind import GRADIENT, Metagrad


class Pes(Metagrad):
    """Persistent evolution strategies: unbiased from truncated windows (Vicol et al. 2021, algorithm 2).

    Each particle keeps the sum s of its perturbations since its trajectory began, and the states of its two runs. For a
    window with the objective F and the new perturbation e

        s <- s + e,    g = mean over particles of (F(m + e) - F(m - e)) s / (2 sigma^2),

    with each run continued from its own state. The mean of g over the windows of a trajectory is unbiased for the
    gradient of the smoothed objective of the whole trajectory; its variance grows with the number of windows.

    Time of a meta-iteration is that of 2 n windows without gradients of gradients. The states and sums travel with the
    shard: 2 n states and n times the meta-parameters for each task. All trajectories of a meta-iteration begin together
    and a window never holds the end of one and the beginning of another; in the paper's experiments they are staggered.
    """

    references = ("vicol2021",)
    carries: ClassVar[bool] = True
    sees_steps: ClassVar[bool] = True
    knows_start: ClassVar[bool] = True
    values_alone: ClassVar[bool] = True

    window: Count = field(doc="inner steps of one window")
    particles: Count = field(64, doc="perturbations of one task's estimate, each used with both signs")
    sigma: Positive = field(0.01, doc="standard deviation of the perturbations")

    def passes(self, steps: int, numbers: int) -> tuple[int, int]:
        runs = 2 * self.particles
        return runs * GRADIENT * min(self.window, steps), runs
