"""The pool with TensorFlow in its workers: second-order MAML on sinusoids, cut into shards."""

import os
import signal
from pathlib import Path

from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.runtime import run
from metaspec.runtime.events import Iterated, WorkerLost, WorkerStarted
from metaspec.source import Source

TEXT = """language 1
task sine = sinusoid { shots = 5, queries = 5 }
model net = mlp { hidden = [8] }
inner = maml { steps = 1, lr = 0.01 }
outer = adam { lr = 1e-2 }
train { iterations = 12, tasks = 6, seed = 1 }
schedule = pool { workers = WORKERS }
evaluate { tasks = 10, steps = 2 }
"""


def plan_of(workers: int):
    resolved = resolve(Source("sine.meta", TEXT.replace("WORKERS", str(workers))))
    assert resolved.spec is not None, resolved.diagnostics
    plan = make(resolved.spec, name="sine")
    (whole,) = plan.execution.shards
    shards = tuple(whole.model_copy(update={"index": n, "first": 3 * n, "count": 3}) for n in range(2))
    changes = {"mode": "shards", "chunk": 3, "shards": shards, "compiled": False}
    return plan.model_copy(update={"execution": plan.execution.model_copy(update=changes)})


def test_two_workers_with_one_killed_have_the_bits_of_one(tmp_path):
    pids, lost = {}, []

    def kill_one(event) -> None:
        if isinstance(event, WorkerStarted):
            pids[event.worker] = event.pid
        if isinstance(event, Iterated) and event.iteration == 5:
            os.kill(pids[0], signal.SIGKILL)
        if isinstance(event, WorkerLost):
            lost.append(event)

    alone = run(plan_of(1), tmp_path / "one")
    killed = run(plan_of(2), tmp_path / "two", sinks=(kill_one,))
    assert [event.pid for event in lost] and "signal 9" in lost[0].reason
    assert (killed.state, killed.test) == (alone.state, alone.test)
    one, two = (Path(tmp_path / name / "metrics.jsonl").read_bytes() for name in ("one", "two"))
    assert one == two
