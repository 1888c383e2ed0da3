"""Workers that run out of memory: really, under limits of the system."""

from pathlib import Path

import pytest

from metaspec.diagnostics import Diagnostic
from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.runtime import memory, run
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import ShardSkipped, WorkerLost, WorkerStarted
from metaspec.runtime.failures import ended
from metaspec.source import Source

SHARD = "shard 2 (tasks 6 to 8 of `line`) of meta-iteration 5"


def failed(run_small, **options) -> tuple[Diagnostic, list[WorkerLost]]:
    events = []
    with pytest.raises(RunError) as caught:
        run_small(sinks=(events.append,), **options)
    return caught.value.diagnostic, [event for event in events if isinstance(event, WorkerLost)]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("Hungry", "its worker ran out of memory: Unable to allocate 2.00 GiB"),
        ("Aborting", "its worker ran out of memory and was ended by signal 6"),
    ],
)
def test_the_message_says_that_it_was_memory_and_what_to_do(run_small, program, words):
    found, lost = failed(run_small, program=program)
    assert found.code == "E0714"
    assert f"{SHARD} failed at each of 3 attempts" in found.message and words in found.message
    assert "Traceback" not in found.message
    assert "`schedule.workers` below 2" in found.help[0]
    assert any("`train { shards = 10 }`" in each for each in found.help)
    assert len(lost) == 3 and len({each.pid for each in lost}) == 3, "each attempt has a process of its own"
    assert [each.again for each in lost] == [True, True, False]


def test_a_killed_worker_may_have_been_out_of_memory(run_small):
    """The system kills with the same signal as a user does; where it does not say why, neither do we."""
    found, lost = failed(run_small, program="Deadly")
    assert found.code == "E0703" and len(lost) == 3
    assert "by a user, or by the system for want of memory; it held up to" in found.message
    assert "`schedule.workers` below 2" in found.help[0]


def test_of_one_process_too(run_small):
    limit = memory_limit()
    found, lost = failed(run_small, workers=1, program="Hungry")
    assert found.code == "E0714" and not any("schedule.workers" in each for each in found.help)
    assert len(lost) == 3 and memory_limit() == limit, "the driver's own memory is not limited"


def memory_limit() -> str:
    return next(line for line in Path("/proc/self/limits").read_text().splitlines() if "address space" in line)


def test_the_shard_is_tried_again(run_small, tmp_path):
    reference = run_small(1, folder=tmp_path / "reference")
    events = []
    made = run_small(2, program="HungryOnce", sinks=(events.append,))
    (lost,) = [event for event in events if isinstance(event, WorkerLost)]
    started = [event for event in events if isinstance(event, WorkerStarted)]
    assert lost.work == SHARD and "ran out of memory" in lost.reason
    # The other worker may take the shard, and the run be over, before the new process is ready.
    assert lost.again and all(each.worker == lost.worker for each in started[2:])
    assert made.state == reference.state


def test_such_a_shard_can_be_left_out(run_small):
    events = []
    made = run_small(2, program="Hungry", train={"on_failure": "skip"}, sinks=(events.append,))
    (skipped,) = [event for event in events if isinstance(event, ShardSkipped)]
    assert (skipped.iteration, skipped.tasks, made.skipped) == (5, 3, 3)


@pytest.mark.parametrize(
    ("code", "killed", "complained", "words", "memory_used_up"),
    [
        (-9, True, False, "was killed by the system, which had run out of memory; it held up to 3 MiB", True),
        (-9, False, True, "was killed by signal 9 (by a user, or", None),
        (-6, False, True, "ran out of memory and was ended by signal 6; it held up to 3 MiB", True),
        (-11, False, False, "was killed by signal 11", False),
        (7, True, True, "ended by itself with exit code 7", False),
    ],
)
def test_what_an_exit_code_means(code, killed, complained, words, memory_used_up):
    loss = ended(code, 3 * 2**20, killed, complained)
    assert loss.reason.startswith(words) and loss.memory is memory_used_up


def test_the_kernel_counts_whom_it_kills(tmp_path, monkeypatch):
    assert memory.kills() >= 0
    counters = tmp_path / "vmstat"
    counters.write_text("pgfault 7\noom_kill 3\n")
    monkeypatch.setattr(memory, "_COUNTERS", counters)
    assert memory.kills() == 3
    counters.unlink()
    assert memory.kills() == 0


def test_only_what_a_log_says_since_then(tmp_path):
    log = tmp_path / "workers.log"
    log.write_text("terminate called after throwing an instance of 'std::bad_alloc'\n")
    assert memory.complained(log, 0)
    assert not memory.complained(log, log.stat().st_size)
    assert not memory.complained(tmp_path / "none", 0)


TEXT = """language 1
task sine = sinusoid { shots = 10, queries = 10 }
model net = mlp { hidden = [1_200, 1_200] }
inner = maml { steps = 1, lr = 0.001 }
outer = sgd { lr = 1e-3 }
train { iterations = 2, tasks = 64, seed = 1, shards = SHARDS }
schedule = pool { workers = 1 }
evaluate { tasks = 2, steps = 1 }
"""


@pytest.mark.slow
def test_tensorflow_out_of_memory_and_the_way_out(tmp_path, monkeypatch):
    """64 tasks of 1.4 million parameters side by side are too many for a GiB; the advice of the message is enough."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))

    def go(shards):
        resolved = resolve(Source("sine.meta", TEXT.replace("SHARDS", str(shards))))
        plan = make(resolved.required(), name="sine")
        return run(plan, tmp_path / str(shards), factory="limited_program:ready", cache=tmp_path / "cache")

    with pytest.raises(RunError) as caught:
        go(1)
    found = caught.value.diagnostic
    print(found.message, *found.help, sep="\n")
    assert found.code == "E0714" and "failed at each of 3 attempts: its worker ran out of memory" in found.message
    assert any("`train { shards = 2 }`" in each for each in found.help)
    assert go(32).iterations == 2
