"""Another problem, most entries of whose gradient are 0 at every step."""

from metaspec.backend.problems import Objective, objective
from metaspec.backend.problems.log_objective import joined
from metaspec.backend.problems.starts import standard
from metaspec.kinds.problems.sparse_gradients import SparseGradients


def functions(config: SparseGradients) -> Objective:
    inner = objective(config.of)
    if config.faithful:
        return inner._replace(start=standard, noise=(config.noise,) * len(inner.noise), zero=config.zero)
    return inner._replace(noise=joined(inner.noise, config.noise), zero=config.zero)
