"""The examples do what they say, as a user starts them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from metaspec.runtime.result import load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def python(*arguments, folder):
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


def test_own_task_runs_in_the_workers_of_a_pool(tmp_path):
    shutil.copytree(EXAMPLES / "own_task", tmp_path / "own")
    away = tmp_path / "away"  # not beside the module: it is found by the spec's place
    away.mkdir()
    spec = tmp_path / "own" / "polynomial.meta"
    short = ["-s", "train.iterations=500", "-s", "evaluate.every=250", "-s", "evaluate.tasks=100"]
    done = python("-m", "metaspec", "run", spec, "--allow-python", "--out", away / "run", *short, folder=away)
    assert done.returncode in (0, 4), done.stderr  # 4: so short a run need not reach what the spec expects
    result = load(away / "run" / "result.json")
    losses = result.test.mean["query_loss"]
    assert losses[-1] < losses[0] / 2
    events = [json.loads(line) for line in (away / "run" / "events.jsonl").read_text().splitlines()]
    assert [each["event"] for each in events].count("WorkerStarted") >= 1


@pytest.mark.parametrize(
    ("spec", "short"),
    [
        ("own_model/residual.meta", ["train.iterations=300", "evaluate.every=300", "evaluate.tasks=100"]),
        ("own_problem/logistic.meta", ["train.iterations=150", "evaluate.every=150", "evaluate.against=[]"]),
    ],
)
def test_own_model_and_own_problem_are_learned(tmp_path, spec, short):
    options = [word for each in short for word in ("-s", each)]
    run = ["run", EXAMPLES / spec, "--allow-python", "--out", tmp_path / "run", *options]
    done = python("-m", "metaspec", *run, folder=tmp_path)
    assert done.returncode in (0, 4), done.stderr  # 4: so short a run need not reach what the spec expects
    losses = load(tmp_path / "run" / "result.json").test.mean["query_loss"]
    assert losses[-1] < losses[0] / 2


def test_own_task_is_not_imported_unasked(tmp_path):
    done = python("-m", "metaspec", "check", EXAMPLES / "own_task" / "polynomial.meta", folder=tmp_path)
    assert done.returncode == 1
    assert "--allow-python" in done.stderr


def test_report_of_a_run_with_own_kinds_asks_first(tmp_path):
    spec = EXAMPLES / "own_task" / "polynomial.meta"
    quick = ["--quick", "-s", "schedule=inline", "--out", tmp_path / "run"]
    assert python("-m", "metaspec", "run", spec, "--allow-python", *quick, folder=tmp_path).returncode == 0
    asked = python("-m", "metaspec", "report", tmp_path / "run", folder=tmp_path)
    assert asked.returncode == 3
    assert "E0603" in asked.stderr
    assert python("-m", "metaspec", "report", tmp_path / "run", "--allow-python", folder=tmp_path).returncode == 0


def test_images_are_made_and_the_spec_fits_them(tmp_path):
    for file in (EXAMPLES / "images").glob("*.*"):
        shutil.copy(file, tmp_path)
    made = python("make_images.py", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    done = python("-m", "metaspec", "plan", "images.meta", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "28 for train, 10 for validation, 10 for test" in done.stdout


def test_python_sweep_goes_on_where_it_was(tmp_path):
    first = python(EXAMPLES / "python_sweep.py", 20, folder=tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("(") == 3
    (tmp_path / "runs" / "sweep" / "lr-0.03-seed-2" / "result.json").unlink()
    again = python(EXAMPLES / "python_sweep.py", 20, folder=tmp_path)
    assert again.stdout == first.stdout
