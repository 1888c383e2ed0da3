"""Evaluating what a run has kept, later."""

import pytest
from small_plan import small_plan

from metaspec.runtime import reevaluate
from metaspec.runtime.errors import RunError

NUMPY = {"factory": "numpy_program:Program", "preload": ("numpy_program",)}


@pytest.mark.parametrize("workers", [0, 2])
def test_the_test_figures_come_out_again(run_small, tmp_path, workers):
    made = run_small(0)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*.json*")}
    again = reevaluate(small_plan(workers), tmp_path / "run", cache=tmp_path / "cache", **NUMPY)
    assert again == made.test
    assert files == {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*.json*")}
    other = reevaluate(small_plan(workers), tmp_path / "run", "train", cache=tmp_path / "cache", **NUMPY)
    assert other.split == "train" and other.mean != made.test.mean


def test_a_run_that_has_not_finished(run_small, tmp_path):
    with pytest.raises(RunError):
        run_small(0, program="Poisoned")
    with pytest.raises(RunError) as caught:
        reevaluate(small_plan(0), tmp_path / "run", **NUMPY)
    assert caught.value.diagnostic.code == "E0708"


def test_parameters_that_do_not_fit(run_small, tmp_path):
    run_small(0)
    plan = small_plan(0)
    wider = plan.model_copy(update={"meta": (plan.meta[0].model_copy(update={"shape": (41,)}),)})
    with pytest.raises(RunError) as caught:
        reevaluate(wider, tmp_path / "run", **NUMPY)
    assert caught.value.diagnostic.code == "E0704"
    assert "`meta/init/w` is shape (40,) there, and shape (41,) here" in caught.value.diagnostic.message
