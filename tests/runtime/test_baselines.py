"""The comparison with tuned baselines: what is tuned on what, the figures, and the methods themselves."""

import numpy as np
import pytest
from scipy import stats

from metaspec.api import plan
from metaspec.plan.baselines import RATES, baseline_plan
from metaspec.resolve import resolve
from metaspec.runtime.baselines import compare
from metaspec.source import Source

SPEC = """language 1
task bowl = problems {{ set = bowl, instances = 4 }}
task five = problems {{ of = quadratic {{ size = 5, noise = 0.1 }}, instances = 4 }}
inner = {inner}
metagrad = truncated {{ window = 2 }}
outer = adam {{}}
train {{ iterations = 1, objective = log }}
evaluate {{ tasks = 6, against = [adam, sgd] }}
"""


def made(inner="learned_rate { weights = learned(random), steps = 4, data_batches = 3 }"):
    return plan(resolve(Source("spec.meta", SPEC.format(inner=inner))))


class Recorded:
    """Answers as a worker would, with losses that fall fastest at a step size of each block's own."""

    best = {"bowl": RATES[5], "five": RATES[14]}

    def __init__(self):
        self.asked = []

    def map(self, requests, watch=None):
        for request in requests:
            name, rates, split, _, shard = request.arguments
            self.asked.append((name, rates, split))
            yield np.stack([self.losses(rate, shard, split) for rate in rates])

    def losses(self, rate, shard, split):
        if rate == RATES[0]:
            return np.full((shard.count, 5), np.nan)
        distance = abs(np.log10(rate / self.best[shard.task])) + 1
        starts = 10.0 + np.arange(shard.first, shard.first + shard.count)
        return starts[:, np.newaxis] * np.exp(-np.arange(5) / distance)


def test_tuned_on_validation_alone():
    planned, engine = made(), Recorded()
    shards = planned.execution.evaluation
    draw = np.random.default_rng(0)
    tables = [{"query_loss": np.exp(draw.standard_normal((shard.count, 5)))} for shard in shards]
    found = compare(planned, engine, tables)

    assert {rates for _, rates, split in engine.asked if split == "validation"} == {RATES}
    assert {len(rates) for _, rates, split in engine.asked if split == "test"} == {1}
    assert {split for _, _, split in engine.asked} == {"validation", "test"}
    assert [each.task for each in found] == ["bowl", "five"]
    for comparison in found:
        assert [each.name for each in comparison.contenders] == ["learned_rate", "adam", "sgd"]
        assert {each.rate for each in comparison.contenders[1:]} == {engine.best[comparison.task]}
        assert all(each.at_the_end_of_the_grid == (comparison.task == "five") for each in comparison.contenders[1:])


def test_figures():
    """Means, intervals and differences against plain formulas."""
    planned = made()
    shards = planned.execution.evaluation
    draw = np.random.default_rng(1)
    tables = [{"query_loss": np.exp(draw.standard_normal((shard.count, 5)))} for shard in shards]
    bowl, _ = compare(planned, Recorded(), tables)
    own, adam, _ = bowl.contenders
    losses = np.concatenate([t["query_loss"] for t, s in zip(tables, shards, strict=True) if s.task == "bowl"])
    logs = np.log(losses / (losses[:, :1] + 1e-6) + 1e-6)
    np.testing.assert_allclose(own.mean, logs.mean(axis=0))
    np.testing.assert_allclose(
        own.half_width, stats.t.ppf(0.975, bowl.tasks - 1) * logs.std(axis=0, ddof=1) / np.sqrt(bowl.tasks)
    )
    np.testing.assert_allclose(adam.mean, -np.arange(5), atol=1e-4)
    difference = logs[:, -1] + 4
    assert adam.ahead == pytest.approx(difference.mean(), abs=1e-4)
    assert adam.ahead_half_width == pytest.approx(
        stats.t.ppf(0.975, bowl.tasks - 1) * difference.std(ddof=1) / np.sqrt(bowl.tasks), abs=1e-4
    )
    assert adam.outcome == "loss"  # adam is at -4 everywhere


def test_outcomes():
    planned = made()
    tables = [{"query_loss": np.tile(np.exp(-2.0 * np.arange(5)), (s.count, 1))} for s in planned.execution.evaluation]
    ahead = compare(planned, Recorded(), tables)[0].contenders[1]
    assert ahead.outcome == "win" and ahead.ahead == pytest.approx(-4, abs=2e-2)
    tables = [{"query_loss": np.full((s.count, 5), np.inf)} for s in planned.execution.evaluation]
    lost = compare(planned, Recorded(), tables)[0].contenders
    assert lost[0].mean[-1] is None and lost[1].ahead is None and lost[1].outcome == "loss"


def test_a_baseline_starts_and_sees_what_the_learned_one_does():
    planned = made()
    other = baseline_plan(planned, "adam")
    assert (other.spec.inner.name, other.spec.inner.steps, other.spec.inner.data_batches) == ("adam", 4, 3)
    assert other.execution.evaluation == planned.execution.evaluation


@pytest.mark.parametrize(
    "name", ["adam", *(pytest.param(name, marks=pytest.mark.slow) for name in ("sgd", "momentum", "rmsprop"))]
)
def test_the_program_computes_the_method(name):
    """A baseline's losses are those of a spec whose inner method it is."""
    from metaspec.backend.program import Program

    program = Program(made("learned_rate { weights = learned(random), steps = 4 }"))
    alone = Program(made(f"{name} {{ lr = learned(0.1), steps = 4 }}"))
    for shard, same in zip(program.plan.execution.evaluation, alone.plan.execution.evaluation, strict=True):
        found = program.baseline(name, (0.01, 0.1), "test", 0, shard)
        wanted = alone.evaluate({"meta/inner.lr": np.float32(0.1)}, "test", 0, same)["query_loss"]
        assert found.shape == (2, shard.count, 5)
        np.testing.assert_allclose(found[1], wanted, rtol=1e-6)
        assert np.abs(found[0] - found[1]).max() > 1e-4


DIGITS = """language 1
task digits = training { data = digits { validation = 0.3, test = 0.3 }, batch = 32 }
model net = linear {}
inner = learned_adam { weights = learned(random), lr = 0.1, steps = 8 }
metagrad = truncated { window = 4 }
outer = adam {}
train { iterations = 1 }
evaluate { tasks = 1, against = [adam] }
"""


def test_training_tasks():
    """A learned optimizer trains a model; Adam with its numbers takes the same steps from the same weights."""
    from metaspec.backend.program import Program

    program = Program(plan(resolve(Source("digits.meta", DIGITS))))
    (shard,) = program.plan.execution.evaluation
    own = program.evaluate(program.start(), "validation", 0, shard)["query_loss"]
    (found,) = program.baseline("adam", (0.1,), "validation", 0, shard)
    assert own[0, -1] < 0.5 * own[0, 0]
    np.testing.assert_allclose(found, own, rtol=1e-3)


def test_rmsprop():
    import tensorflow as tf

    from metaspec.backend.inner.rmsprop import method
    from metaspec.backend.records import Batch, Problem
    from metaspec.backend.settings import Settings
    from metaspec.kinds.inner.rmsprop import Rmsprop

    curvature, start = np.array([1.0, 10.0, 0.0]), np.array([1.0, -2.0, 3.0])
    problem = Problem(None, None, lambda params, _: {"w": params["w"] * curvature}, ("w",), False, 0, False, False)
    own = method(Rmsprop(decay=0.8, epsilon=1e-3), problem)
    fields = {"lr": 0.1, "l2": 0.0, "proximal": 0.0}
    settings = Settings({n: lambda step, v=v: {"w": tf.constant(v, tf.float64)} for n, v in fields.items()}, None)
    support = Batch(tf.zeros((1, 1)), tf.zeros((1, 1)))
    state = own.init(settings, support, {"w": tf.constant(start[np.newaxis])})
    w, square = start, np.zeros(3)
    for number in range(5):
        state = own.step(settings, state, support, number)
        slope = w * curvature
        square = 0.8 * square + 0.2 * slope**2
        w = w - 0.1 * slope / (np.sqrt(square) + 1e-3)
    np.testing.assert_allclose(state.params["w"][0], w, rtol=1e-12)
