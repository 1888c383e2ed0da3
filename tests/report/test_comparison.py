"""Runs beside each other: real ones, paired task by task."""

import json
import shutil

import numpy as np
import pytest
from scipy import stats

import metaspec
from metaspec.cli.main import main
from metaspec.report.comparison import compared, pair, render
from metaspec.report.points import Place, partners
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


SWEPT = """language 1
task sine = sinusoid {}
model net = linear {}
inner = maml {}
outer = adam {}
train { iterations = 2, tasks = 2 }
evaluate { tasks = 6 }
sweep methods { list inner { maml {} reptile { steps = 2 } } grid { train.seed = 0..1 } }
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """The folder of a sweep of two methods and two seeds."""
    place = tmp_path_factory.mktemp("swept")
    (place / "swept.meta").write_text(SWEPT, encoding="utf-8")
    assert main(["sweep", str(place / "swept.meta"), "--out", str(place / "runs")]) == 0
    return place / "runs"


def test_points_of_a_sweep_are_paired_with_the_first_method_at_the_same_seed(swept):
    found = compared([read(swept / f"point-{number}") for number in range(4)])
    assert [each.name for each in found.runs][2:] == [
        f"point-{k}: inner = reptile {{ steps = 2 }}, train.seed = {k - 2}" for k in (2, 3)
    ]
    assert [each.apart for each in found.runs] == [""] * 4
    assert [each.paired is None for each in found.runs] == [True, True, False, False]
    differences = [found.runs[k].figure.mean - found.runs[k - 2].figure.mean for k in (2, 3)]
    for row, difference in zip(found.runs[2:], differences, strict=True):
        assert row.paired.difference.mean == pytest.approx(difference, rel=1e-5, abs=1e-6)
    first, second = found.methods
    assert (first.name, first.seeds, first.difference) == ("inner = maml {}", 2, None)
    # Of two values the half width is t(0.975, 1) = 12.7062 times half of their distance.
    assert second.difference.mean == pytest.approx(sum(differences) / 2, rel=1e-5, abs=1e-6)
    assert second.difference.half == pytest.approx(12.7062 * abs(differences[0] - differences[1]) / 2, rel=1e-4)


def test_what_a_sweep_lacks_is_told_in_one_line(swept, tmp_path, capsys):
    """Seed 1 of the first method has not finished, and its counterpart is paired with nothing."""
    shutil.copytree(swept, tmp_path / "runs")
    (tmp_path / "runs/point-1/result.json").unlink()
    assert main(["compare", str(tmp_path / "runs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "not compared, without a result: point-1." in lines
    (note,) = [line for line in lines if "only the intervals" in line]
    assert note.startswith("point-3: the point of the first method with the same other axes is not here")
    assert any(line.endswith(" of 1 of them") for line in lines)


def test_equal_reasons_make_one_note(run, other, tmp_path, capsys):
    for number in range(6):
        shutil.copytree(other, tmp_path / f"run-{number}")
        plan = json.loads((tmp_path / f"run-{number}/plan.json").read_text())
        plan["spec"]["train"]["seed"] = 4
        (tmp_path / f"run-{number}/plan.json").write_text(json.dumps(plan))
    assert main(["compare", str(run.folder.path), str(tmp_path)]) == 0
    notes = [line for line in capsys.readouterr().out.splitlines() if "only the intervals" in line]
    assert len(notes) == 1 and "run-3 and 2 more: other test tasks" in notes[0]


def test_a_method_is_everything_besides_the_seed_where_no_block_is_swapped():
    rows = [(("inner.lr", lr), ("train.seed", seed)) for lr in ("0.1", "0.2") for seed in ("0", "1")]
    assert partners([Place(each) for each in rows]) == (0, 1, 0, 1)
    rows = [(("inner", kind), *each) for kind in ("maml {}", "reptile {}") for each in rows]
    assert partners([Place(each) for each in rows]) == (0, 1, 2, 3, 0, 1, 2, 3)
    assert partners([Place(each) for each in (rows[0], rows[5])]) == (0, None)
