"""The benchmark of workers: its problems are ones that workers share, and its sizes are those that it names."""

import pytest

from benchmarks import characters, workers
from metaspec import api
from metaspec.plan.simulation import Costs


@pytest.mark.parametrize("size", workers.SIZES, ids=lambda size: size.name)
def test_the_problems_are_cut_into_shards(size, tmp_path):
    characters.prepare(tmp_path, workers.SPECS)
    plan = api.plan(str(tmp_path / f"{size.spec}.meta"), [*size.overrides, "schedule=pool { workers = 2 }"])
    assert plan.execution.mode == "shards" and len(plan.execution.shards) == 8


@pytest.mark.parametrize(("megabytes", "hidden"), workers.EXCHANGED.items())
def test_as_many_meta_parameters_as_it_says(megabytes, hidden):
    overrides = [f"net.hidden=[{hidden[0]}, {hidden[1]}]", "schedule=pool {}", "train.tasks=32", "train.shards=4"]
    plan = api.plan(str(workers.SPECS / "sinusoid.meta"), overrides)
    assert 4 * sum(tensor.size for tensor in plan.meta) == pytest.approx(1e6 * megabytes, rel=0.05)
    assert plan.execution.mode == "shards" and len(plan.execution.shards) == 4


def test_an_exchange_is_the_drivers_work():
    costs = Costs(call=1.0, task=1.0, broadcast=0.01, answer=0.1, update=0.5, start=1.0)
    assert workers.exchanged(costs, workers=2, shards=4) == pytest.approx(0.92)


@pytest.mark.slow
def test_the_quick_form_prints_its_tables(capfd):
    assert workers.main(["--quick"]) == 0
    said = capfd.readouterr().out
    assert "speed-up" in said and "10 MB" in said
