"""From the sums of clusters to one meta-gradient: kept statistics are averaged, whatever becomes of the gradient."""

import numpy as np
import pytest

from metaspec.plan.model import MetaTensor, Plan
from metaspec.runtime.combining import Summed, combined
from metaspec.spec.meta_tensors import STATISTICS
from tests.cluster.pools_program import cluster_plan

MEAN = f"{STATISTICS}/conv1.mean"


def plan_of(reduce: str, **schedule) -> Plan:
    """Three clusters of four tasks, and a model that keeps statistics."""
    plan = cluster_plan(2, train={"reduce": reduce}, **schedule)
    kept = MetaTensor(key=MEAN, meta_parameter=STATISTICS, shape=(1, 2), start="zeros")
    return plan.model_copy(update={"meta": (*plan.meta, kept)})


def cluster(slope: float, distance: float, tasks: int, instances: int) -> Summed:
    """Sums over tasks that all have the same."""
    arrays = {"meta/w": np.full(1, slope * tasks), f"meta/{MEAN}": np.full((1, 2), distance * tasks)}
    return Summed(arrays, tasks, instances)


@pytest.mark.parametrize("bound", [None, 1.0])
@pytest.mark.parametrize("combine", ["mean", "sum", "weighted"])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_statistics_are_the_mean_over_the_tasks_that_are_there(reduce, combine, bound):
    plan = plan_of(reduce, combine=combine, clip_norm=bound)
    assert plan.tasks_per_iteration == 12
    sums = [cluster(0.5, 100.0, 4, 1), cluster(0.5, 40.0, 2, 7), cluster(0.0, 0.0, 0, 1)]
    total = combined(plan, sums)
    # The update divides statistics by the tasks of a meta-iteration, whatever `reduce` says.
    np.testing.assert_allclose(total[f"meta/{MEAN}"] / 12, (4 * 100 + 2 * 40) / 6)


def test_statistics_do_not_shorten_the_meta_gradient():
    sums = [cluster(0.5, 100.0, 4, 1), cluster(2.0, 0.0, 4, 1)]
    total = combined(plan_of("mean", clip_norm=1.0), sums)
    np.testing.assert_allclose(total["meta/w"] / 12, (0.5 + 1.0) / 2)
