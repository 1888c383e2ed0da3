"""Means and intervals over tasks."""

import numpy as np
import pytest
from scipy import stats

from metaspec import api
from metaspec.runtime.driver import run
from metaspec.runtime.evaluation import summarise


def test_mean_and_interval_over_all_tasks():
    values = np.random.default_rng(0).normal(size=(50, 3))
    found = summarise("test", [{"accuracy": values[:20]}, {"accuracy": values[20:]}])
    assert found.tasks == 50
    np.testing.assert_allclose(found.mean["accuracy"], values.mean(axis=0))
    expected = stats.t.ppf(0.975, 49) * np.sqrt(((values - values.mean(axis=0)) ** 2).sum(axis=0) / 49) / np.sqrt(50)
    np.testing.assert_allclose(found.half_width["accuracy"], expected)


def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    draw = np.random.default_rng(1)
    hits = 0
    for _ in range(2000):
        found = summarise("test", [{"query_loss": draw.exponential(1.0, size=(600, 1))}])
        hits += abs(found.mean["query_loss"][0] - 1.0) <= found.half_width["query_loss"][0]
    assert 0.935 < hits / 2000 < 0.965


def test_tasks_with_metrics_of_their_own():
    found = summarise(
        "test", [{"query_loss": np.ones((4, 2))}, {"query_loss": np.zeros((4, 2)), "accuracy": np.full((4, 2), 0.5)}]
    )
    assert found.tasks == 8
    assert found.mean == {"query_loss": (0.5, 0.5), "accuracy": (0.5, 0.5)}


def test_what_is_not_finite_becomes_none():
    found = summarise("test", [{"query_loss": np.array([[1.0, np.nan], [2.0, np.inf]])}])
    assert found.mean["query_loss"] == (1.5, None) and found.half_width["query_loss"][1] is None
    assert found.score() == ("query_loss", -np.inf)


def test_accuracy_decides_over_loss():
    found = summarise("test", [{"query_loss": np.ones((2, 1)), "accuracy": np.full((2, 1), 0.75)}])
    assert found.score() == ("accuracy", 0.75)
    assert summarise("test", [{"accuracy": np.ones((1, 1))}]).half_width["accuracy"] == (None,)


@pytest.mark.parametrize(
    ("evaluated", "measured"), [("logistic", {"query_loss", "accuracy"}), ("bowls", {"query_loss"})]
)
def test_accuracy_is_that_of_what_is_evaluated_whatever_else_is_trained_on(evaluated, measured, tmp_path):
    spec = tmp_path / "mixed.meta"
    spec.write_text(f"""language 1
task logistic = problems {{ set = softmax_regression, instances = 2 }}
task bowls    = problems {{ set = bowl, instances = 2 }}
inner    = sgd {{ lr = learned(0.1), steps = 1 }}
metagrad = unroll {{}}
outer    = sgd {{ lr = 1e-4 }}
train    {{ iterations = 1, tasks = 4 }}
schedule = inline
evaluate {{ tasks = 2, on = [{evaluated}] }}
""")
    found = run(api.plan(str(spec)), tmp_path / "run")
    assert set(found.test.mean) == measured


LOW = "sinusoid { amplitude = uniform(0.1, 5.0) }"
HIGH = "sinusoid { amplitude = uniform(50, 60) }"
MODEL = "model net = mlp { hidden = [4] }\ninner = maml { steps = 1, lr = 1e-4 }\n"
OPTIMIZER = "inner = sgd { lr = learned(0.01), steps = 2 }\nmetagrad = truncated { window = 2 }\n"


def on(tmp_path, tasks, method, train, evaluate):
    spec = tmp_path / "on.meta"
    blocks = "".join(f"task {name} = {task}\n" for name, task in zip("ab", tasks, strict=True))
    spec.write_text(
        f"language 1\n{blocks}{method}outer = adam {{ lr = 1e-3 }}\ntrain {{ iterations = 2, tasks = 2, {train} }}\n"
        f"evaluate {{ tasks = 40, {evaluate} }}\n"
    )
    return api.plan(str(spec))


@pytest.mark.parametrize(
    ("evaluated", "low", "high"),
    [("on = [a]", 0, 10), ("on = [b]", 1000, 2000), ("", 500, 1000)],  # half the mean square of an amplitude
)
def test_figures_are_of_the_blocks_that_are_evaluated_on_whatever_is_trained_on(evaluated, low, high, tmp_path):
    plan = on(tmp_path, (LOW, HIGH), MODEL, "on = [a]", evaluated)
    found = run(plan, tmp_path / "run")
    assert {shard.task for shard in plan.execution.shards} == {"a"}
    assert found.test.tasks == 40 and low < found.test.mean["query_loss"][0] < high


@pytest.mark.parametrize("evaluated", ["on = [b]", ""])
def test_problems_are_evaluated_on_blocks_that_nothing_is_trained_on(evaluated, tmp_path):
    tasks = [f"problems {{ set = {name}, instances = 2 }}" for name in ("quadratic", "bowl")]
    plan = on(tmp_path, tasks, OPTIMIZER, "on = [a]", evaluated)
    found = run(plan, tmp_path / "run")
    assert {shard.task for shard in plan.execution.shards} == {"a"}
    assert {task.name for task in plan.evaluated} == ({"b"} if evaluated else {"a", "b"})
    assert found.test.tasks == 40 and np.isfinite(found.test.mean["query_loss"]).all()
