"""What follows the meta-iteration where a copy makes several updates in each, held against specs that say it outright."""

import numpy as np
import pytest

from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.spec.values import Decay, MultiStep, Weighted
from tests.resolve.specs import resolved

SPEC = """language 1
task sine = sinusoid { shots = 3, queries = 3 }
model net = mlp { hidden = [4] }
inner = maml { steps = 2, lr = 0.05 }
outer = sgd { lr = 1 }
train { iterations = 10, tasks = 2, seed = 5, precision = float64 }
schedule = pool { workers = 1, exchange = weights { copies = 2, epochs = 5 } }
evaluate { tasks = 2 }
"""


def program(**fields):
    """Uncompiled, which takes less time. `fields`: of `metagrad`, `outer` and `train`."""
    spec = resolved(SPEC).required()
    parts = {name: getattr(spec, name).model_copy(update=own) for name, own in fields.items()}
    plan = make(spec.model_copy(update=parts))
    execution = plan.execution.model_copy(update={"compiled": False})
    return Program(plan.model_copy(update={"execution": execution}))


@pytest.mark.parametrize(
    ("update", "annealed", "outright"),
    [
        (7, {"train": {"objective": MultiStep(share=1)}}, {"train": {"objective": Weighted(weights=(0.45, 0.55))}}),
        (24, {"metagrad": {"first_order": 0.5}}, {"metagrad": {"order": 1}}),
        (25, {"metagrad": {"first_order": 0.5}}, {}),
    ],
)
def test_annealing_follows_the_meta_iteration(update, annealed, outright):
    """Update 7 is the third of meta-iteration 1 of 10 (from 0), with 9/10 of the first step's half; half is 25 updates."""
    one, other = program(**annealed), program(**outright)
    (shard,), start = one.plan.execution.shards, one.start()
    found, wanted = (each.gradient(start, update, shard)[0] for each in (one, other))
    for key in wanted:
        np.testing.assert_allclose(found[key], wanted[key], rtol=1e-12, atol=1e-14)


def test_schedules_follow_the_meta_iteration():
    """The last of 10 meta-iterations has the last step size, 0, in each of its five updates; the one before has not."""
    found = program(outer={"lr": Decay(schedule="cosine", arguments=(0.1, 0.0))})
    start = found.start()
    for iteration, moved in ((9, False), (8, True)):
        state, _ = found.copy(start, iteration, 1, {})
        assert any(not np.array_equal(state[key], start[key]) for key in start) is moved
