"""A pool under faults: real processes, really killed."""

import os
import signal
from pathlib import Path

import pytest
from processes import alive

from metaspec.runtime.errors import RunError
from metaspec.runtime.events import ShardFailed, ShardSkipped, WorkerLost, WorkerStarted


def test_the_fork_server_killed(run_small, tmp_path):
    """Its workers go with it, and all of them are replaced."""
    reference = run_small(1, folder=tmp_path / "reference")
    servers = []

    def kill_server_once(event) -> None:
        if isinstance(event, WorkerStarted) and not servers:
            parent = int(Path(f"/proc/{event.pid}/stat").read_text().rpartition(")")[2].split()[1])
            servers.append(parent)
            os.kill(parent, signal.SIGKILL)

    made = run_small(2, folder=tmp_path / "killed", program="Slow", sinks=(kill_server_once,))
    assert servers and made.state == reference.state


@pytest.mark.parametrize("program, attempts", [("Poisoned", 3), ("Deadly", 2)])
def test_a_shard_that_always_fails_is_named(run_small, tmp_path, program, attempts):
    events = []
    with pytest.raises(RunError) as caught:
        run_small(2, program=program, schedule={"attempts": attempts}, sinks=(events.append,))
    diagnostic = caught.value.diagnostic
    assert diagnostic.code == "E0703"
    assert "shard 2 (tasks 6 to 8 of `line`) of meta-iteration 5" in diagnostic.message
    assert f"at each of {attempts} attempts" in diagnostic.message
    assert "Traceback" not in diagnostic.message
    kind = ShardFailed if program == "Poisoned" else WorkerLost
    assert len([event for event in events if isinstance(event, kind)]) == attempts
    log = (tmp_path / "run/workers.log").read_text()
    assert ("and more that belongs into the log" in log) == (program == "Poisoned")


@pytest.mark.parametrize("workers, program", [(0, "Poisoned"), (2, "Poisoned"), (2, "Deadly")])
def test_a_shard_that_always_fails_can_be_skipped(run_small, workers, program):
    """The mean is then over the tasks that are left, and the result says how many were not."""
    events = []
    made = run_small(workers, program=program, train={"on_failure": "skip"}, sinks=(events.append,))
    skipped = [event for event in events if isinstance(event, ShardSkipped)]
    assert [(event.iteration, event.tasks) for event in skipped] == [(5, 3)]
    assert made.skipped == 3 and made.iterations == 30


def test_skipping_gives_the_same_bits_for_every_schedule(run_small, tmp_path):
    states = {
        run_small(n, folder=tmp_path / str(n), program="Poisoned", train={"on_failure": "skip"}).state
        for n in (0, 1, 3)
    }
    assert len(states) == 1


@pytest.mark.parametrize("program", ["Hanging", "Stopping"])
def test_a_worker_that_hangs_is_replaced(run_small, tmp_path, program):
    reference = run_small(1, folder=tmp_path / "reference")
    events = []
    made = run_small(2, folder=tmp_path / "hangs", program=program, schedule={"deadline": 1.0}, sinks=(events.append,))
    (lost,) = [event for event in events if isinstance(event, WorkerLost)]
    assert lost.reason == "gave no answer for 1 s" and "shard 2" in lost.work
    assert made.state == reference.state
    assert not alive(lost.pid)


@pytest.mark.parametrize(
    "program, words", [("Unbuildable", "no such kernel"), ("Unstartable", "ended by itself with exit code 7")]
)
def test_workers_that_cannot_come_up(run_small, program, words):
    with pytest.raises(RunError) as caught:
        run_small(2, program=program)
    assert caught.value.diagnostic.code == "E0707"
    assert words in caught.value.diagnostic.message


def test_nothing_is_left_after_a_run(run_small):
    events = []
    run_small(3, sinks=(events.append,))
    pids = {event.pid for event in events if isinstance(event, WorkerStarted)}
    assert pids and not any(alive(pid) for pid in pids)


def test_meta_parameters_are_sent_once_for_each_iteration_and_worker(run_small, monkeypatch):
    """Five shards on one worker share one broadcast; evaluations have their own."""
    from metaspec.runtime.pipes import Pipe
    from metaspec.runtime.protocol import Broadcast

    sent = []
    send = Pipe.send
    monkeypatch.setattr(Pipe, "send", lambda self, message: (sent.append(message), send(self, message))[1])
    run_small(1)
    versions = [message.version for message in sent if isinstance(message, Broadcast)]
    assert len(versions) == len(set(versions)) == 30 + 3 + 1
