"""The whole run killed at random moments: nothing stays behind, and --resume ends with the same bits."""

import random
import signal
import time

import pytest
from processes import descendants, gone_within

PLAN = {"train": {"iterations": 40, "checkpoint": 1}}  # a checkpoint at each step: many kills hit its writing


def wait_for_iteration(process, last: int) -> None:
    for line in process.stdout:
        if line.split()[:1] == ["iteration"] and int(line.split()[1]) >= last:
            return
    raise AssertionError(process.stderr.read())


def kill_and_resume(drive, run_small, tmp_path, times):
    reference = run_small(0, folder=tmp_path / "reference", program="Carrying", **PLAN)
    choice = random.Random(times)
    folder, killed, round_ = tmp_path / "run", 0, 0
    while killed < times:
        round_ += 1
        folder = tmp_path / f"run{round_}"
        for _ in range(min(4, times - killed)):
            process = drive(folder, plan=PLAN, program="SlowCarrying", resume=(folder / "plan.json").exists())
            wait_for_iteration(process, 1)
            time.sleep(choice.uniform(0.0, 0.2))
            family = descendants(process.pid)
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert len(family) >= 3, "a fork server and two workers"
            assert gone_within(family, 1.0) == set()
            killed += 1
        assert run_small(2, folder=folder, program="Carrying", resume=True, **PLAN).state == reference.state
        assert (folder / "metrics.jsonl").read_bytes() == (tmp_path / "reference/metrics.jsonl").read_bytes()
        names = sorted(path.suffix for path in (folder / "checkpoints").iterdir())
        assert names == [".json", ".json", ".safetensors", ".safetensors"]


def test_five_kills(drive, run_small, tmp_path):
    kill_and_resume(drive, run_small, tmp_path, 5)


@pytest.mark.slow
def test_a_hundred_kills(drive, run_small, tmp_path):
    kill_and_resume(drive, run_small, tmp_path, 100)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_signal_checkpoints_and_leaves_with_130(drive, run_small, tmp_path, number, workers):
    plan = {"train": {"iterations": 60, "checkpoint": 1000}}
    reference = run_small(0, folder=tmp_path / "reference", **plan)
    process = drive(tmp_path / "run", plan=plan, workers=workers)
    wait_for_iteration(process, 5)
    family = descendants(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert f"stopped by {number.name} after" in err and "--resume" in err and "Traceback" not in err
    assert gone_within(family, 1.0) == set()
    assert len(list((tmp_path / "run/checkpoints").glob("0*.json"))) == 1
    assert run_small(workers, resume=True, **plan).state == reference.state


def test_the_driver_of_a_pool_imports_no_tensorflow(drive, run_small, tmp_path):
    """Another process may run the same plan: it has the same bits, too."""
    process = drive(tmp_path / "run")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out.splitlines()[-2:] == [f"state {run_small(0, folder=tmp_path / 'here').state}", "False"]


def test_a_signal_ends_a_shard_that_takes_for_ever(drive, tmp_path):
    process = drive(tmp_path / "run", program="Hanging")
    wait_for_iteration(process, 4)
    time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)
    assert process.returncode == 130 and time.monotonic() - began < 2.0
