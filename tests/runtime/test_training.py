"""Divergence, the best checkpoint, and what a resumed run may and may not change."""

import json

import pytest

from metaspec.runtime.errors import RunError
from metaspec.spec.blocks import Condition, Expect


@pytest.mark.parametrize("mode", ["shards", "stretches"])
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("program", ["Diverging", "Overflowing"])
def test_divergence_stops_and_keeps_what_was_before(run_small, tmp_path, mode, workers, program):
    with pytest.raises(RunError) as caught:
        run_small(workers, program=program, mode=mode, stretch=100, train={"checkpoint": 100}, evaluate={"every": 50})
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "E0705" and "meta-iteration 8" in diagnostic.message
    if program == "Diverging":
        assert "in task 7 of `line` after inner step 1" in diagnostic.message
    elif mode == "shards":
        assert "`meta/init/w`" in diagnostic.message and "in tasks 6 to 8 of `line`" in diagnostic.message
    lines = [json.loads(line) for line in (tmp_path / "run/metrics.jsonl").read_text().splitlines()]
    assert [line["iteration"] for line in lines] == list(range(1, 8))
    assert "NaN" not in (tmp_path / "run/metrics.jsonl").read_text()
    (manifest,) = (tmp_path / "run/checkpoints").glob("0*.json")
    assert manifest.stem == "000000007"
    made = run_small(workers, resume=True, mode=mode, stretch=100, train={"checkpoint": 100}, evaluate={"every": 50})
    reference = run_small(0, folder=tmp_path / "reference", evaluate={"every": 50})
    assert made.state == reference.state


def test_a_divergence_of_carried_trajectories_names_their_window(run_small):
    """They began with other meta-parameters, which no search goes back to: it would name what nobody has trained on."""
    with pytest.raises(RunError) as caught:
        run_small(0, program="CarryingOverflowing")
    assert (
        "at meta-iteration 8, in window 2 of the trajectories of tasks 6 to 8 of `line`, which began at meta-iteration 7"
        in caught.value.diagnostic.message
    )


def test_the_best_evaluation_gives_the_test_figure(run_small, tmp_path):
    """With a step size that makes the loss rise again, the last parameters are not the best."""
    scores = {}

    def follow(event) -> None:
        if type(event).__name__ == "Evaluated" and event.split == "validation":
            scores[event.iteration] = event.mean["query_loss"][-1]

    evaluate = {"every": 1, "tasks": 12}
    made = run_small(0, evaluate=evaluate | {"keep": "best"}, train={"iterations": 90}, sinks=(follow,))
    last = run_small(0, folder=tmp_path / "last", evaluate=evaluate | {"keep": "last"}, train={"iterations": 90})
    assert made.kept == min(scores, key=scores.get) and last.kept == 90
    assert made.kept < 90, "choose other numbers, for this test to show something"
    assert made.state == last.state and made.parameters != last.parameters


def test_conditions_are_judged_on_the_test_tasks(run_small):
    bounds = (
        Condition(metric="query_loss", relation="<", bound=1e9),
        Condition(metric="query_loss", relation="<", bound=0.0),
        Condition(metric="accuracy", relation=">=", bound=0.0),
    )
    made = run_small(0, expect=Expect(conditions=bounds))
    assert [verdict.met for verdict in made.expect] == [True, False, False]
    assert made.expect[0].value == made.test.mean["query_loss"][-1] and made.expect[2].value is None
    assert not made.as_expected


def stop_early(run_small, **options):
    with pytest.raises(RunError):
        run_small(0, program="Diverging", **options)


def test_another_plan_is_refused_and_the_difference_named(run_small):
    stop_early(run_small)
    with pytest.raises(RunError) as caught:
        run_small(0, resume=True, train={"seed": 4, "iterations": 40})
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "E0704"
    assert "train.seed was 3 and is now 4" in diagnostic.message
    assert "train.iterations was 30 and is now 40" in diagnostic.message


def test_what_changes_no_bit_may_change(run_small, tmp_path):
    reference = run_small(0, folder=tmp_path / "reference")
    stop_early(run_small)
    made = run_small(3, resume=True, train={"checkpoint": 2, "on_failure": "skip"}, schedule={"deadline": 5})
    assert made.state == reference.state


def test_another_environment_is_warned_of(run_small, monkeypatch):
    stop_early(run_small)
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    warnings = []
    run_small(0, resume=True, sinks=(lambda e: type(e).__name__ == "Warned" and warnings.append(e),))
    assert [(w.code, "onednn was default and is now 0" in w.message) for w in warnings] == [("W0702", True)]


def test_events_are_json_lines_with_times(run_small, tmp_path):
    run_small(2)
    events = [json.loads(line) for line in (tmp_path / "run/events.jsonl").read_text().splitlines()]
    assert [events[0]["event"], events[1]["event"], events[-1]["event"]] == ["Preparing", "Started", "Finished"]
    assert {"WorkerStarted", "Evaluated", "Checkpointed"} <= {event["event"] for event in events}
    assert [event["time"] for event in events] == sorted(event["time"] for event in events)
