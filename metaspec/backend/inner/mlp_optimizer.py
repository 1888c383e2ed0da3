"""The optimizer of `metaspec.backend.optimizers.mlp_optimizer` as an inner method."""

from metaspec.backend.inner.learned import learned
from metaspec.backend.optimizers.mlp_optimizer import optimizer
from metaspec.backend.records import InnerMethod, Problem


def method(config, problem: Problem) -> InnerMethod:
    return learned(config, problem, optimizer)
