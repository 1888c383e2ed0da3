"""Workers on a Ray cluster: real nodes on this machine, really killed."""

import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest
from small_plan import small_plan

from metaspec.kinds.schedules.ray import Ray
from metaspec.runtime.driver import run
from metaspec.runtime.errors import RunError
from metaspec.runtime.events import Iterated, ShardFailed, WorkerLost, WorkerStarted

pytest.importorskip("ray", reason='ray is not installed; `pip install "metaspec[ray]"` brings it')

HERE = Path(__file__).parent
# Ray's own way to see lost nodes within a second or two; by default it takes twelve.
HEALTH = {
    "RAY_health_check_initial_delay_ms": "500",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "2",
}


@pytest.fixture(scope="module")
def cluster():
    """A head without workers of ours and a node for one of them; tests add nodes and take them away."""
    from ray.cluster_utils import Cluster

    patch = pytest.MonkeyPatch()
    for name, value in (HEALTH | {"PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parents[1]}"}).items():
        patch.setenv(name, value)
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()
    patch.undo()


@pytest.fixture
def on_ray(cluster, tmp_path):
    """on_ray(program, sinks=..., workers=..., **plan) -> Result, of a run on the cluster; `.reference` is that of the pool."""

    def go(program="Program", sinks=(), workers=1, folder="ray", cpus=1.0, **options):
        plan = small_plan(1, **options)
        schedule = Ray(address=cluster.address, workers=workers, attempts=20, cpus_per_worker=cpus)
        plan = plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": schedule})})
        return start(plan, tmp_path, folder, program, sinks)

    def reference(**options):
        return start(small_plan(2, **options), tmp_path, "pool", "Program", ())

    go.reference = reference
    return go


def start(plan, tmp_path, folder, program, sinks):
    cache = tmp_path / f"cache-{folder}"
    cache.mkdir(exist_ok=True)
    return run(
        plan,
        tmp_path / folder,
        sinks=sinks,
        factory=f"numpy_program:{program}",
        preload=("numpy_program",),
        cache=cache,
    )


class Watch:
    """Remembers events and when they came; does `then(event)` once, when an update of number `at` was made."""

    def __init__(self, at=None, then=None):
        self.events, self.at, self.then, self.done = [], at, then, None

    def __call__(self, event):
        self.events.append((time.monotonic(), event))
        if isinstance(event, Iterated) and event.iteration == self.at and self.done is None:
            self.done = time.monotonic()
            self.then(self)

    def of(self, kind):
        return [event for _, event in self.events if isinstance(event, kind)]

    def seconds(self, kind):
        """From the deed to the first event of a kind behind it."""
        return next(when for when, event in self.events if isinstance(event, kind) and when > self.done) - self.done


def kill_worker(watch):
    os.kill(watch.of(WorkerStarted)[-1].pid, signal.SIGKILL)


def test_the_bits_of_the_pool_with_a_worker_killed(on_ray):
    """Its replacement is asked for at once, and what it computed is sent again."""
    watch = Watch(at=10, then=kill_worker)
    made, reference = on_ray(sinks=(watch,)), on_ray.reference()
    assert made.state == reference.state and made.test == reference.test
    assert len(watch.of(WorkerLost)) == 1 and len(watch.of(WorkerStarted)) == 2
    assert watch.seconds(WorkerLost) < 2.0


def test_a_shard_that_fails_is_named_with_its_log(on_ray, tmp_path):
    watch = Watch()
    with pytest.raises(RunError, match=r"shard 2 \(tasks 6 to 8 of `line`\) of meta-iteration 5 failed") as caught:
        on_ray("Poisoned", sinks=(watch,))
    assert caught.value.diagnostic.code == "E0703" and len(watch.of(ShardFailed)) == 20
    assert "and more that belongs into the log" in (tmp_path / "ray/workers.log").read_text()


def test_no_room(on_ray, monkeypatch):
    """The message comes within half a minute; here the patience is shortened."""
    from metaspec.runtime.pools import ray as engine

    monkeypatch.setattr(engine, "PLACING", 2.0)
    with pytest.raises(RunError, match="each asks for 64 CPUs, and of the cluster's 1 1 are free") as caught:
        on_ray(cpus=64.0)
    assert caught.value.diagnostic.code == "E0713"


@pytest.mark.parametrize(
    ("address", "words"),
    [("auto:", "host:port"), ("ray://127.0.0.1:10001", "host:port"), ("127.0.0.1:PORT", "Connection refused")],
)
def test_no_cluster(tmp_path, address, words):
    """Nothing listens on a port that was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plan = small_plan(1)
    schedule = Ray(address=address.replace("PORT", str(port)))
    plan = plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": schedule})})
    began = time.monotonic()
    with pytest.raises(RunError, match=words) as caught:
        start(plan, tmp_path, "ray", "Program", ())
    assert caught.value.diagnostic.code == "E0712" and time.monotonic() - began < 30


@pytest.mark.slow
def test_nodes_leave_hang_and_join(cluster, on_ray):
    """Two workers on two nodes: one node killed, one added, one stopped without a word. The bits stay."""
    options = {"train": {"iterations": 600, "checkpoint": 200}, "evaluate": {"every": 200}}
    reference = on_ray.reference(**options)
    second = cluster.add_node(num_cpus=1)

    watch = Watch(at=50, then=lambda _: cluster.remove_node(second, allow_graceful=False))
    assert on_ray("Slow", (watch,), workers=2, folder="killed", **options).state == reference.state
    print(f"node killed: seen after {watch.seconds(WorkerLost):.2f} s")

    added = []
    watch = Watch(at=50, then=lambda _: added.append(cluster.add_node(num_cpus=1, wait=False)))
    assert on_ray("Slow", (watch,), workers=2, folder="added", **options).state == reference.state
    assert len(watch.of(WorkerStarted)) == 2
    print(f"node added: its worker computes after {watch.seconds(WorkerStarted):.2f} s")

    stopped = []
    watch = Watch(at=50, then=lambda _: stopped.extend(stop(added[0])))
    try:
        assert on_ray("Slow", (watch,), workers=2, folder="hung", **options).state == reference.state
    finally:
        for pid in stopped:  # they take no notice of their cluster's end
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    print(f"node hung: seen after {watch.seconds(WorkerLost):.2f} s")


def stop(node):
    """Every process of a node stops, and says nothing any more. Returns their numbers."""
    raylet = node.all_processes["raylet"][0].process.pid
    children = [int(each) for each in Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split()]
    for pid in [*children, raylet]:
        os.kill(pid, signal.SIGSTOP)
    return [*children, raylet]
