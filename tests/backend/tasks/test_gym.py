"""gymnasium environments beside the same environment inside the graph."""

from pathlib import Path

import numpy as np
import pytest

import metaspec
from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.source import Source
from tests.resolve.specs import right

pytest.importorskip("gymnasium", reason="the extra `rl` is not installed")

GOALS = "{ goal_x = uniform(-0.5, 0.5), goal_y = uniform(-0.5, 0.5) }"
GYM = f'gym {{ id = "tests.backend.tasks.gym_plane:Plane-v0", vary = {GOALS}, through = WAY, SIZES }}'
SIZES = "horizon = 8, shots = 3, queries = 2"
SPEC = """
language 1
task plane = TASK
model policy = mlp { hidden = [6], activation = tanh }
inner = policy_gradient { init = learned(glorot_uniform), steps = 1, lr = 0.5, sampling = counted }
metagrad = unroll {}
outer = adam {}
train { tasks = 8, iterations = 3, seed = 4 }
evaluate { tasks = 4 }
"""


def text(task: str) -> str:
    return SPEC.replace("TASK", task.replace("SIZES", SIZES))


def uncompiled(task: str) -> Program:
    plan = make(resolve(Source("spec", text(task))).required())
    return Program(plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})}))


@pytest.fixture(scope="module")
def inside():
    """Meta-gradient, metrics and returns of `navigation`."""
    return computed(uncompiled("navigation { SIZES }"))


def computed(program: Program):
    shard = program.plan.execution.shards[0].model_copy(update={"count": 3})
    meta = program.start()
    gradient, metrics, _ = program.gradient(meta, 0, shard)
    return gradient, metrics, program.evaluate(meta, "test", 0, shard)["return"]


def test_same_plane_gives_the_same_gradients(inside):
    gradient, metrics, reached = computed(uncompiled(GYM.replace("WAY", "attribute")))
    assert metrics == pytest.approx(inside[1], rel=1e-4)
    assert reached == pytest.approx(inside[2], rel=1e-4)
    assert np.ptp(reached) > 0.01
    for name, value in gradient.items():
        size = float(np.abs(inside[0][name]).max())
        assert value == pytest.approx(inside[0][name], rel=1e-2, abs=1e-3 * size), name


@pytest.mark.parametrize("way", ["attribute", "keyword", "options"])
def test_settings_reach_the_environment(way: str):
    from metaspec.backend.tasks.gym import Rollouts

    config = resolve(Source("spec", text(GYM.replace("WAY", way)))).required().tasks["plane"]
    rollouts, goals = Rollouts(config, np.float64), np.array([[0.3, -0.2], [0.05, 0.05]])
    for _ in range(2):  # the second time with environments that were used before
        number, places = rollouts.begin(goals, np.array([[1], [2]]))
        assert not places.any()
        actions = np.array([[[0.5, -4.0]], [[0.5, 0.5]]])  # in units of the bounds, -0.1 .. 0.1
        places, rewards, ended = rollouts.step(number, actions, np.False_)
        assert places[:, 0] == pytest.approx(np.array([[0.05, -0.1], [0.05, 0.05]]), abs=1e-7)
        assert rewards[:, 0] == pytest.approx(-np.sum((places[:, 0] - goals) ** 2, axis=1))
        assert ended.tolist() == [[False], [True]]
        places, rewards, _ = rollouts.step(number, actions, np.True_)
        assert places[1, 0] == pytest.approx([0.05, 0.05], abs=1e-7) and rewards[1, 0] == 0.0


def test_shards_go_to_workers_uncompiled():
    plan = make(right(text(GYM.replace("WAY", "attribute"))).required())
    assert plan.execution.mode == "shards" and not plan.execution.compiled
    assert plan.tasks[0].inputs == (2,) and plan.tasks[0].outputs == 2


def test_wrong_environments_are_told_at_their_place(tmp_path: Path):
    wrong = {
        'id = "Nowhere-v0"': "cannot make",
        'id = "CartPole-v1"': "Discrete",
        'id = "Pendulum-v1", vary = { gravity = uniform(5, 15) }': "no attribute `gravity`",
    }
    for fields, words in wrong.items():
        path = tmp_path / "spec.meta"
        path.write_text(text(f"gym {{ {fields} }}"))
        with pytest.raises(metaspec.SpecError, match=words):
            metaspec.plan(path)


@pytest.mark.slow
def test_pool_has_the_bits_of_one_process(tmp_path: Path):
    path = tmp_path / "spec.meta"
    path.write_text(text('gym { id = "Pendulum-v1", vary = { g = uniform(5, 15) }, SIZES }'))
    found = [
        metaspec.run(path, {"schedule": schedule}, out=tmp_path / schedule[:4]).state
        for schedule in ("inline", "pool { workers = 2 }")
    ]
    assert found[0] == found[1]
