"""Runs beside each other: real ones, paired task by task."""

import json
import shutil

import numpy as np
import pytest
from scipy import stats

import metaspec
from metaspec.cli.main import main
from metaspec.report.comparison import compared, pair, render
from metaspec.report.reading import read
from metaspec.runtime import test_tasks
from metaspec.runtime.errors import RunError
from tests.report.conftest import SPEC


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """The same spec with another step size."""
    place = tmp_path_factory.mktemp("other")
    (place / "small.meta").write_text(SPEC, encoding="utf-8")
    changes = {"train.seed": 3, "schedule": "pool { workers = 1 }", "inner.lr": 0.1, "train.iterations": 2}
    metaspec.run(place / "small.meta", changes, out=place / "run")
    return place / "run"


def test_kept_figures_are_those_of_the_result(run):
    kept = test_tasks.load(run.folder.test_tasks)
    assert kept["accuracy"].shape == (10, 3)
    for name, mean in run.result.test.mean.items():
        np.testing.assert_allclose(kept[name].mean(0, dtype=np.float64), mean, rtol=1e-6)


def test_intervals_and_test_are_those_of_scipy():
    draw = np.random.default_rng(0)
    ours, theirs = draw.normal(0.3, 1.0, 40), draw.normal(0.0, 1.0, 40)
    found = pair(ours, theirs)
    low, high = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    assert found.difference.mean - found.difference.half == pytest.approx(low)
    assert found.difference.mean + found.difference.half == pytest.approx(high)
    assert found.p == pytest.approx(stats.wilcoxon(ours, theirs).pvalue)


def test_equal_runs_do_not_differ():
    same = pair(np.ones(5), np.ones(5))
    assert (same.difference.mean, same.difference.half, same.p) == (0.0, 0.0, 1.0)


def test_runs_on_the_same_tasks_are_paired(run, other):
    first, second = compared([run, read(other)]).runs
    assert first.paired is None
    assert second.apart == ""
    assert second.paired.difference.mean == pytest.approx(second.figure.mean - first.figure.mean, abs=1e-6)
    assert (first.trained, second.trained) == (16, 8)


def test_other_tasks_are_not_paired(run, other, tmp_path):
    """The same folder with a plan whose seed is another: its tasks were others."""
    shutil.copytree(other, tmp_path / "run")
    plan = json.loads((tmp_path / "run/plan.json").read_text())
    plan["spec"]["train"]["seed"] = 4
    (tmp_path / "run/plan.json").write_text(json.dumps(plan))
    found = compared([run, read(tmp_path / "run")])
    assert (found.runs[1].paired, found.runs[1].apart) == (None, "other test tasks")
    assert "not paired" in render(found)


def test_training_rotations_leave_the_test_tasks_as_they_are(run):
    task = run.plan.spec.tasks["characters"]
    turned = task.model_copy(update={"data": task.data.model_copy(update={"rotations": (0, 90)})})
    spec = run.plan.spec.model_copy(update={"tasks": {"characters": turned}})
    assert test_tasks.identity(run.plan.model_copy(update={"spec": spec})) == test_tasks.identity(run.plan)
    fewer = task.model_copy(update={"shots": 2})
    spec = run.plan.spec.model_copy(update={"tasks": {"characters": fewer}})
    assert test_tasks.identity(run.plan.model_copy(update={"spec": spec})) != test_tasks.identity(run.plan)


def test_command_prints_a_table_and_json(folder, other, capsys):
    assert main(["compare", str(folder), str(other), "--metric", "query_loss"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].split()[:3] == ["run", "tasks", "query_loss"]
    assert main(["compare", str(folder), str(other), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["training_tasks"] for each in found["runs"]] == [16, 8]


def test_a_folder_of_runs_stands_for_the_finished_ones_by_their_numbers(folder, other, unfinished, tmp_path, capsys):
    for name, run in {"point-10": folder, "point-2": other, "point-3": unfinished}.items():
        shutil.copytree(run, tmp_path / "sweep" / name)
    assert main(["compare", str(tmp_path / "sweep"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["run"].rpartition("/")[2] for each in found["runs"]] == ["point-2", "point-10"]


def test_what_cannot_be_compared_is_said(run, unfinished, capsys):
    with pytest.raises(RunError, match="not finished"):
        compared([run, read(unfinished)])
    with pytest.raises(RunError, match="no `mood`"):
        compared([run, run], "mood")
    assert main(["compare", str(run.folder.path)]) == 2
