"""Events of a run as the page tells them."""

from dataclasses import replace

from metaspec.report.conduct import conduct

LOST = {
    "time": 1.0,
    "event": "WorkerLost",
    "worker": 1,
    "pid": 7,
    "reason": "was killed by signal 9",
    "work": "shard 3",
}


def test_lost_workers_are_counted_and_told(run):
    text = conduct(replace(run, events=(*run.events, LOST, LOST)))
    assert "<td>workers lost</td><td>2</td>" in text
    assert text.count("shard 3 was sent again") == 2
    assert "1970-01-01 00:00:01" in text


def test_many_events_are_cut_and_counted(run):
    text = conduct(replace(run, events=(LOST,) * 80))
    assert text.count("shard 3 was sent again") == 50
    assert "the first 50 of 80 events" in text


def test_quiet_run_has_no_table_of_events(run):
    assert "what happened" not in conduct(run)
