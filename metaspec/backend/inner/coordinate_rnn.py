"""The optimizer of `metaspec.backend.optimizers.coordinate_rnn` as an inner method."""

from metaspec.backend.inner.learned import learned
from metaspec.backend.optimizers.coordinate_rnn import optimizer
from metaspec.backend.records import InnerMethod, Problem


def method(config, problem: Problem) -> InnerMethod:
    return learned(config, problem, optimizer)
