"""Clusters of problems under a learned optimizer: trajectories in windows, with TensorFlow, whoever computes."""

import pytest

from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.runtime import run
from metaspec.runtime.events import Clustered
from metaspec.source import Source

TEXT = """language 1
task small = problems { of = quadratic { size = 3 }, instances = 3 }
task bowl  = problems { set = bowl, instances = 4 }
cluster alike = similar { tasks = [small, bowl], count = 2, features = gradients, refresh = 3 }
inner    = hierarchical_rnn { weights = learned(random), sizes = [2, 2, 2], steps = 6 }
metagrad = truncated { window = 3 }
outer    = rmsprop { lr = 1e-4 }
train    { iterations = 5, tasks = 3, objective = log, seed = 11 }
evaluate { on = [bowl], tasks = 4 }
"""


def plan_of(schedule: str):
    resolved = resolve(Source("pools.meta", TEXT + schedule))
    assert resolved.spec is not None, resolved.diagnostics
    plan = make(resolved.spec, name="pools")
    return plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})})


@pytest.mark.slow
def test_one_worker_and_two_with_groups_have_the_same_bits(tmp_path):
    told = []
    one = run(
        plan_of("schedule = pool { workers = 1 }"),
        tmp_path / "one",
        sinks=(lambda event: isinstance(event, Clustered) and told.append(event),),
    )
    groups = "schedule = pool { workers = 2, groups = balanced { count = 2, refresh = 2 } }"
    two = run(plan_of(groups), tmp_path / "two")
    assert (two.state, two.test) == (one.state, one.test)
    assert [event.iteration for event in told] == [0, 3]
    assert len(told[0].instances) == 7 and set(told[0].clusters) == {0, 1}
