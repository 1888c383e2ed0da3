"""The command of the paper's tables."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import metaspec
from benchmarks.paper_000_runs import Clock, Setting, Timed, reached, summary
from metaspec.runtime.events import Placed

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("learn", [0, 5])
def test_settings_are_specs_without_mistakes(tmp_path, together, learn):
    setting = Setting("one", together=together, groups=together, learn=learn)
    spec = tmp_path / "one.meta"
    spec.write_text(setting.text())
    plan = metaspec.plan(spec)
    assert plan.tasks_per_iteration == setting.at_once
    assert [cluster.members[0].task for cluster in plan.execution.clusters] == list(setting.families)
    if together:  # every family in one graph, but for the softmax regressions, the most expensive ones
        assert [shard.task for shard in plan.execution.shards if shard.task != "softmax_regression"] == [
            "quadratic", "two_d", "bowl", "fully_connected"
        ]  # fmt: skip


def test_what_a_run_took():
    setting = Setting("one", families=("bowl", "two_d"), tasks=2)
    placed = Placed(9, 9, (), (), (), {"bowl_alone": 1.0, "two_d_alone": 3.0}, 0.5, (0.4, 0.4), 0.2, 0)
    evaluated = [(10, 1.0, {"accuracy": 0.5}), (20, 2.0, {"accuracy": 0.7})]
    found = summary(setting, Clock(steps=[5.0, 9.0, *[0.4] * 7], placed=[placed], evaluated=evaluated))
    assert found.set_up == pytest.approx(4.6) and found.iteration == found.sweep == 0.4
    assert found.families() == pytest.approx({"bowl": 0.1 / 40, "two_d": 0.3 / 40})
    assert reached(found, "accuracy", 0.65) == (20, 2.0) and reached(found, "accuracy", 0.8) is None
    apart = Timed(Setting("two", families=("bowl",), tasks=3, together=False), 0.0, 0.1, (), ())
    assert apart.sweep == pytest.approx(0.3)


@pytest.mark.slow
def test_the_command(tmp_path):
    command = [sys.executable, "-m", "benchmarks.paper_000", "--quick", "--out", str(tmp_path)]
    found = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=900)
    assert found.returncode == 0, found.stderr
    figures = json.loads((tmp_path / "paper_000.json").read_text())
    assert figures["clusters"]["2"]["ratio"] > 0
    assert set(figures["original"]["ratios"]) == {"bowl", "two_d"}
    assert "Table 2" in found.stdout and "gru" in found.stdout
