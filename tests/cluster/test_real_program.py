"""Clusters with TensorFlow in the workers: sinusoids of three kinds, and images beside them."""

import os
import signal

import numpy as np
import pytest

from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.runtime import run
from metaspec.runtime.events import Clustered, Iterated, WorkerLost, WorkerStarted
from metaspec.source import Source

TEXT = """language 1
task low = sinusoid { amplitude = uniform(0.1, 0.5), shots = 5, queries = 5 }
task high = sinusoid { amplitude = uniform(4, 5), shots = 5, queries = 5 }
task tall = sinusoid { amplitude = uniform(4, 5), shots = 5, queries = 5 }
cluster alike = similar { tasks = [low, high, tall], count = 2, features = FEATURES, refresh = 4 }
model net = mlp { hidden = [8] }
inner = maml { steps = 2, lr = 0.01 }
outer = adam { lr = 1e-2 }
train { iterations = 6, tasks = 4, seed = 1 }
evaluate { tasks = 6, steps = 2 }
"""


def plan_of(features: str, schedule: str):
    resolved = resolve(Source("alike.meta", TEXT.replace("FEATURES", features) + schedule))
    assert resolved.spec is not None, resolved.diagnostics
    plan = make(resolved.spec, name="alike")
    return plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})})


@pytest.mark.slow
@pytest.mark.parametrize("features", ["gradients", "adapted"])
def test_two_workers_groups_and_a_kill_have_the_bits_of_one(tmp_path, features):
    pids, told = {}, []

    def watch(event) -> None:
        if isinstance(event, WorkerStarted):
            pids[event.worker] = event.pid
        if isinstance(event, Iterated) and event.iteration == 3:  # before the second clustering
            os.kill(pids[0], signal.SIGKILL)
        if isinstance(event, Clustered | WorkerLost):
            told.append(event)

    alone = run(plan_of(features, "schedule = pool { workers = 1 }"), tmp_path / "one")
    plan = plan_of(features, "schedule = pool { workers = 2, groups = balanced { count = 2, refresh = 2 } }")
    killed = run(plan, tmp_path / "two", sinks=(watch,))
    assert (killed.state, killed.test) == (alone.state, alone.test)
    first, lost, second = told
    assert "signal 9" in lost.reason and (first.iteration, second.iteration) == (0, 4)
    similarity = np.array(first.similarity)
    assert similarity[1, 2] > max(similarity[0, 1], similarity[0, 2])  # the same sines under two names
    assert first.clusters == (0, 1, 1)
