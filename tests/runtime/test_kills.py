"""Workers and whole runs killed at random moments: nothing stays behind, and the bits are those of a quiet run.

`pytest -s -m slow tests/runtime/test_kills.py` kills a hundred of each, and prints how soon that was seen.
"""

import random
import signal
import time
from dataclasses import dataclass, field
from statistics import median

import pytest
from killer import Killer
from processes import alive, descendants, gone_within

from metaspec.runtime.events import WorkerStarted


@dataclass(frozen=True)
class Setting:
    """What is killed: a program, the same one with time for faults, and the fields of its plan."""

    program: str
    slow: str
    plan: dict = field(default_factory=dict)
    evaluations: int = 10  # meta-iterations between two

    def fields(self, iterations: int, checkpoint: int, **schedule) -> dict:
        """attempts: chance may hit one piece of work several times."""
        mine = {"attempts": 20} | self.plan.get("schedule", {}) | schedule
        train = {"iterations": iterations, "checkpoint": checkpoint}
        return self.plan | {"train": train, "schedule": mine, "evaluate": {"every": self.evaluations}}


COPIES = {
    "kind": "weights",
    "copies": 3,
    "epochs": 2,
    "combine": {"kind": "loss_average", "window": 3},
    "outer_state": "keep",
}
SETTINGS = {
    "gradients that carry": Setting("Carrying", "SlowCarrying"),
    "copies that merge": Setting("Program", "Slow", {"mode": "copies", "schedule": {"exchange": COPIES}}, 4),
}
either = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


def kill_workers(run_small, tmp_path, setting, times, iterations):
    plan = setting.fields(iterations, checkpoint=100)
    reference = run_small(1, folder=tmp_path / "reference", program=setting.program, **plan)
    killer, started = Killer(times, seed=times), []
    sinks = (killer, lambda event: isinstance(event, WorkerStarted) and started.append(event.pid))
    made = run_small(2, folder=tmp_path / "killed", program=setting.slow, sinks=sinks, **plan)
    left = [pid for pid in started if alive(pid)]
    print(f"\n{times} workers killed: {told(killer.seen)}; processes left behind: {len(left)}")
    assert len(killer.killed) == times and len(killer.seen) == times and not left
    assert made.state == reference.state
    assert median(killer.seen) < 1.0
    assert (tmp_path / "killed/metrics.jsonl").read_bytes() == (tmp_path / "reference/metrics.jsonl").read_bytes()


def told(seconds) -> str:
    return f"seen after {1e3 * median(seconds):.0f} ms in the median, {1e3 * max(seconds):.0f} ms at the most"


@either
def test_five_killed_workers_change_no_bit(run_small, tmp_path, setting):
    kill_workers(run_small, tmp_path, setting, times=5, iterations=60)


@pytest.mark.slow
@either
def test_a_hundred_killed_workers_change_no_bit(run_small, tmp_path, setting):
    kill_workers(run_small, tmp_path, setting, times=100, iterations=1200)


def wait_for_iteration(process, last: int) -> None:
    for line in process.stdout:
        if line.split()[:1] == ["iteration"] and int(line.split()[1]) >= last:
            return
    raise AssertionError(process.stderr.read())


def kill_and_resume(drive, run_small, tmp_path, setting, times):
    """A checkpoint at each step: many kills hit its writing, which leaves a file that belongs to none."""
    plan = setting.fields(40, checkpoint=1)
    reference = run_small(1, folder=tmp_path / "reference", program=setting.program, **plan)
    choice = random.Random(times)
    ends, hit, left, round_ = [], 0, set(), 0
    while len(ends) < times:
        round_ += 1
        folder = tmp_path / f"run{round_}"
        for _ in range(min(4, times - len(ends))):
            process = drive(folder, plan=plan, program=setting.slow, resume=(folder / "plan.json").exists())
            wait_for_iteration(process, 1)
            time.sleep(choice.uniform(0.0, 0.2))
            family = descendants(process.pid)
            killed = time.monotonic()
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert len(family) >= 3, "a fork server and two workers"
            left |= gone_within(family, 10.0)  # a killed process needs a turn of the processor to end
            ends.append(time.monotonic() - killed)
            hit += unfinished(folder / "checkpoints")
        assert run_small(2, folder=folder, program=setting.program, resume=True, **plan).state == reference.state
        assert (folder / "metrics.jsonl").read_bytes() == (tmp_path / "reference/metrics.jsonl").read_bytes()
        names = sorted(path.suffix for path in (folder / "checkpoints").iterdir())
        assert names == [".json", ".json", ".safetensors", ".safetensors"]
    print(
        f"\n{times} runs killed, {hit} of them while a checkpoint was written: their processes had ended after "
        f"{1e3 * median(ends):.0f} ms in the median, {1e3 * max(ends):.0f} ms at the most; left behind: {len(left)}"
    )
    assert left == set()


def unfinished(folder) -> bool:
    """Whether there is a file that is not yet, or no longer, a part of a checkpoint."""
    manifests = {path.stem for path in folder.glob("[0-9]*.json")}
    arrays = {path.name.partition("-")[0] for path in folder.glob("*.safetensors")}
    return bool(list(folder.glob(".*.new"))) or arrays != manifests or len(manifests) > 2


@either
def test_five_kills(drive, run_small, tmp_path, setting):
    kill_and_resume(drive, run_small, tmp_path, setting, 5)


@pytest.mark.slow
@either
def test_a_hundred_kills(drive, run_small, tmp_path, setting):
    kill_and_resume(drive, run_small, tmp_path, setting, 100)


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
