"""Evaluating what a run has kept, later."""

import pytest
from small_plan import small_plan

import metaspec
from metaspec.runtime import driver, reevaluate
from metaspec.runtime.arrays import digest
from metaspec.runtime.errors import RunError
from metaspec.runtime.result import load_parameters

NUMPY = {"factory": "numpy_program:Program", "preload": ("numpy_program",)}


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
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


SCORED = """language 1
task s = TASK
model net = mlp { hidden = [4] }
inner = sgd { lr = learned(0.05, scale = log) }
metagrad = none
outer = OUTER
train { iterations = 2 }
evaluate { every = 1, tasks = 2, steps = 2, keep = best }
schedule = inline
"""


@pytest.mark.parametrize(
    ("task", "outer"),
    [
        ("sinusoid { shots = 3, queries = 3 }", "elite { particles = 4, keep = 2 }"),
        ("training { data = digits { validation = 0.3, test = 0.3 }, batch = 8 }", "pbt { particles = 2 }"),
    ],
)
def test_candidates_are_not_kept(tmp_path, task, outer):
    """They travel with the meta-parameters to be scored, and no evaluation needs them."""
    path = tmp_path / "scored.meta"
    path.write_text(SCORED.replace("TASK", task).replace("OUTER", outer))
    plan = metaspec.plan(path)
    plan = plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})})
    made = driver.run(plan, tmp_path / "run")
    kept = load_parameters(tmp_path / "run/parameters.safetensors")
    assert sorted(kept) == sorted(f"meta/{tensor.key}" for tensor in plan.meta) and digest(kept) == made.parameters
    assert reevaluate(plan, tmp_path / "run") == made.test
