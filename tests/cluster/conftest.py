"""A run of the plan with clusters."""

from __future__ import annotations

import pytest

from tests.cluster.pools_program import cluster_plan
from tests.small_runs import small_runs


@pytest.fixture
def run_clusters(tmp_path):
    """run_clusters(workers, program=..., folder=..., resume=..., sinks=..., **plan) -> Result"""
    return small_runs(tmp_path, cluster_plan, "tests.cluster.pools_program")
