"""A run of the plan with clusters."""

from __future__ import annotations

import pytest

from metaspec.runtime.driver import run
from tests.cluster.pools_program import cluster_plan


@pytest.fixture
def run_clusters(tmp_path):
    """run_clusters(workers, program=..., folder=..., resume=..., sinks=..., **plan) -> Result"""
    (tmp_path / "cache").mkdir()

    def go(workers=2, *, program="Program", folder=None, resume=False, sinks=(), **plan):
        return run(
            cluster_plan(workers, **plan),
            folder or tmp_path / "run",
            resume=resume,
            sinks=sinks,
            factory=f"tests.cluster.pools_program:{program}",
            preload=("tests.cluster.pools_program",),
            cache=tmp_path / "cache",
        )

    return go
