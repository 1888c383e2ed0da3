"""Evolution strategies against recorded figures of another implementation, NumPy and known answers."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.compile import objective_weights
from metaspec.backend.episodes import cut
from metaspec.backend.keys import fold, stream
from metaspec.backend.metagrads import es, particles, pes
from metaspec.backend.metagrads.particles import Played, abreast, noise, player, started, weighted
from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from metaspec.spec.values import Weighted
from tests.backend.differences import kind, learned, plain
from tests.backend.reference import fixture
from tests.backend.small import SINE, TANH

KEY = "log_lr"


@pytest.fixture(scope="module")
def golden():
    """Windows of google/learned_optimization on x -> 0.5 sum(h x^2), T = 12, window 3, four pairs, with their noise."""
    archive = fixture("golden_pes.npz")
    return {name.removeprefix("f64/"): archive[name] for name in archive.files if name.startswith("f64/")}


def quadratic(golden, window: int):
    """Plays the recorded problem: its objective is the mean of the losses before each step of a window."""
    h = tf.constant(golden["quad/h"])

    def play(metas, states, number):
        losses, x = [], states
        for _ in range(window):
            losses.append(0.5 * tf.reduce_sum(h * x**2, axis=1))
            x = x - tf.exp(metas[KEY])[:, tf.newaxis] * h * x
        return Played(tf.add_n(losses) / window, {"losses": tf.stack(losses, axis=1)}, x)

    return play


def test_pes_gives_the_recorded_gradients(golden):
    config = kind("metagrads", "pes", window=3, particles=4, sigma=float(golden["pes_simple/std"]))
    meta = {KEY: tf.constant(golden["quad/theta/log_lr"])}
    start = tf.tile(tf.constant(golden["quad/x0"])[tf.newaxis], (8, 1))
    carried = pes.Carried({KEY: tf.zeros(4, tf.float64)}, start)
    for number in range(4):  # the first trajectory; a reset follows, in the middle of the library's next window
        here = f"pes_simple/w{number}"
        steps = {KEY: tf.constant(golden[f"{here}/noise/{KEY}"])}
        found = pes.estimate(config, quadratic(golden, 3), meta, steps, carried, number)
        carried = found.carried
        np.testing.assert_allclose(found.gradient[KEY], golden[f"{here}/grad/{KEY}"], rtol=1e-12)
        np.testing.assert_allclose(carried.sums[KEY], golden[f"{here}/accumulator_out/{KEY}"], rtol=1e-14)


def test_es_gives_the_recorded_gradients(golden):
    config = kind("metagrads", "es", window=3, particles=4, sigma=0.05)
    meta = {KEY: tf.constant(golden["quad/theta/log_lr"])}
    states = tf.tile(tf.constant(golden["quad/x0"])[tf.newaxis], (8, 1))
    for number in range(4):
        here = f"es_simple/w{number}"
        found = es.estimate(
            config,
            quadratic(golden, 3),
            meta,
            {KEY: tf.constant(golden[f"{here}/noise/{KEY}"])},
            states,
            number,
        )
        states = found.carried
        np.testing.assert_allclose(found.gradient[KEY], golden[f"{here}/grad/{KEY}"], rtol=1e-12)


@pytest.mark.parametrize("case", ["pes_simple", "es_simple"])
def test_windows_with_a_reset_are_sums_of_their_two_parts(golden, case):
    """A reset in a window: losses before it belong to the old sums, those after it to the new perturbation alone."""
    for number in (4, 8):
        record = {
            name.removeprefix(f"{case}/w{number}/"): value
            for name, value in golden.items()
            if name.startswith(f"{case}/w{number}/")
        }
        mask, steps = record["mask"], record[f"noise/{KEY}"]
        sums = record.get(f"accumulator_in/{KEY}", np.zeros(4)) + steps if case.startswith("pes") else steps
        before = np.cumsum(record["is_done"], axis=0) == 0
        difference = (record["loss_p"] - record["loss_n"]) * mask / mask.sum(axis=0)
        parts = [
            weighted({KEY: tf.constant(own)}, tf.constant((difference * where).sum(axis=0) / (2 * 0.05**2)))[KEY]
            for own, where in ((sums, before), (steps, ~before))
        ]
        np.testing.assert_allclose(sum(parts), record[f"grad/{KEY}"], rtol=1e-12)


def simulated(sigma: float, pairs: int, steps: int, window: int, persistent: bool, draw) -> np.ndarray:
    """NumPy: estimates of d/d log lr of the mean loss over a trajectory, (pairs,), windows averaged."""
    h, theta = np.array([1.0, 8.0]), np.log(0.03)
    states = [np.tile([1.0, -1.5], (pairs, 1)) for _ in range(2)]
    sums, total, count = np.zeros(pairs), np.zeros(pairs), steps // window
    for _ in range(count):
        e = sigma * draw.standard_normal(pairs)
        sums = sums + e
        objectives = []
        for side, sign in enumerate((1, -1)):
            losses = np.zeros(pairs)
            for _ in range(window):
                states[side] = states[side] * (1 - np.exp(theta + sign * e)[:, None] * h)
                losses += 0.5 * (h * states[side] ** 2).sum(axis=1) / window
            objectives.append(losses)
        total += (objectives[0] - objectives[1]) * (sums if persistent else e) / (2 * sigma**2) / count
        if not persistent:
            states[1] = states[0]
    return total


def exact(steps: int) -> float:
    """d/d log lr of the mean of the losses after each step, by differences."""

    def mean(theta):
        x, total = np.array([1.0, -1.5]), 0.0
        for _ in range(steps):
            x = x * (1 - np.exp(theta) * np.array([1.0, 8.0]))
            total += 0.5 * np.sum([1.0, 8.0] * x**2) / steps
        return total

    return (mean(np.log(0.03) + 1e-6) - mean(np.log(0.03) - 1e-6)) / 2e-6


@pytest.mark.parametrize(("name", "biased"), [("pes", False), ("es", True)])
def test_the_same_distribution_as_in_numpy(name, biased):
    """Many pairs of the backend's estimate and of a NumPy one: equal means; pes at the exact value and es away from it."""
    steps, window, pairs, sigma = 12, 3, 20_000, 0.02
    module = {"pes": pes, "es": es}[name]
    config = kind("metagrads", name, window=window, particles=pairs, sigma=sigma)
    h = tf.constant([1.0, 8.0], tf.float64)

    def play(metas, states, number):
        total, x = 0.0, states
        for _ in range(window):
            x = x * (1 - tf.exp(metas[KEY])[:, tf.newaxis] * h)
            total += 0.5 * tf.reduce_sum(h * x**2, axis=1) / window
        return Played(total, {}, x)

    meta, draw = {KEY: tf.constant(np.log(0.03))}, np.random.default_rng(1)
    states = tf.tile(tf.constant([[1.0, -1.5]], tf.float64), (2 * pairs, 1))
    carried = pes.Carried({KEY: tf.zeros(pairs, tf.float64)}, states) if name == "pes" else states
    total = 0.0
    for number in range(steps // window):
        perturbed = {KEY: tf.constant(sigma * draw.standard_normal(pairs))}
        found = module.estimate(config, play, meta, perturbed, carried, number)
        carried, total = found.carried, total + float(found.gradient[KEY]) / (steps // window)
    reference = simulated(sigma, pairs, steps, window, name == "pes", np.random.default_rng(2))
    error = reference.std() / np.sqrt(pairs)
    assert abs(total - reference.mean()) < 4 * np.sqrt(2) * error
    assert (abs(total - exact(steps)) > 10 * error) == biased


def test_noise_of_a_particle_does_not_depend_on_the_others():
    meta = {"a": tf.zeros((2, 3)), "b": tf.zeros(())}
    few, many = (noise(meta, stream(1, "a"), count, 2, 0.1) for count in (2, 5))
    for name in meta:
        np.testing.assert_array_equal(few[name], many[name][:2])
        assert many[name].shape == (5, *meta[name].shape)
    other = noise(meta, stream(1, "a"), 5, 3, 0.1)
    assert not np.array_equal(other["a"], many["a"])
    large = noise({"a": tf.zeros((500,))}, stream(2, "a"), 40, 0, 0.1)["a"].numpy()
    assert abs(large.mean()) < 0.003 and abs(large.std() - 0.1) < 0.003


@pytest.mark.parametrize("count", [1, 7, 130])
def test_blocks_of_positions_are_stacked_in_order(count):
    values = tf.range(float(count))
    for wide in (True, False):
        found = abreast(lambda pair: {"sum": pair[0] + pair[1], "twice": [2 * pair[0]]}, (values, values), wide)
        np.testing.assert_array_equal(found["sum"], 2 * values)
        np.testing.assert_array_equal(found["twice"][0], 2 * values)


def test_ranks_stand_for_objectives():
    config = kind("metagrads", "es", shaping="ranks")
    np.testing.assert_allclose(es.shaped(config, tf.constant([3.0, 1.0, 200.0, 3.0])), [0.0, -0.5, 0.5, 0.0])


def whole(metagrad, steps=6, objective=None, compiled=False, inner=None, tasks=2, **train):
    """A program on sinusoids in float64, the step size learned, and its meta-parameters."""
    plan = make(
        Spec(
            language=1,
            tasks={"task": SINE},
            models={"net": TANH},
            inner=kind(
                "inner",
                "sgd",
                **({"steps": steps, "lr": learned(0.05, name="inner.lr", scale="log")} | (inner or {})),
            ),
            metagrad=metagrad,
            outer=kind("outers", "sgd"),
            schedule=kind("schedules", "inline"),
            train=Train(iterations=1, tasks=tasks, precision="float64", objective=objective, reduce="sum", **train),
            evaluate=Evaluate(tasks=1),
        )
    )
    program = Program(plan if compiled else plain(plan))
    return program, program.start()


def summed(program, meta, iteration=0, carried=None):
    """Gradient and metrics summed over the shards, and what each carries on."""
    total, metrics, after = {}, {}, []
    for place, shard in enumerate(program.plan.execution.shards):
        slopes, found, state = program.gradient(meta, iteration, shard, carried[place] if carried else None)
        total = {name: total.get(name, 0) + value for name, value in slopes.items()}
        metrics = {name: metrics.get(name, 0) + value for name, value in found.items()}
        after.append(state)
    return total, metrics, after


def differences(program, meta, shard, name="meta/inner.lr"):
    """d objective / d step size of a shard's tasks, at their own initial weights, by differences of what es plays."""
    values = []
    for step in (1e-5, -1e-5):
        moved = {
            key: tf.constant(value + (step if key == name else 0.0))
            for key, value in meta.items()
            if key.startswith("meta/")
        }
        own = {key.removeprefix("meta/"): value[tf.newaxis] for key, value in moved.items()}
        learning, total = program.parts.learning, 0.0
        episode, key = program.episode("train", 0, shard), program.keys(0, shard)[0]
        for task in range(shard.count):
            alone, task_key = cut(episode, task, 1), fold(key, task)
            weights = objective_weights(program.plan)
            play = player(learning, weights, learning.steps, alone, task_key)
            total += float(play(own, started(learning, alone, task_key, own), tf.constant(0)).objective[0])
        values.append(total)
    return (values[0] - values[1]) / 2e-5


@pytest.mark.parametrize(("objective", "compiled"), [(None, False), ("mean", True)])
def test_a_small_perturbation_measures_the_slope(objective, compiled):
    """With one number learned, each particle's estimate is the slope times e^2 / sigma^2, up to sigma^2."""
    metagrad = kind("metagrads", "es", particles=4, sigma=1e-4)
    program, meta = whole(metagrad, objective=objective, compiled=compiled, inner={"init": "ones"})
    assert len(program.plan.execution.shards) == 8  # two tasks, and four pieces of their particles
    unit = tf.function(lambda key: noise({"a": tf.zeros((), tf.float64)}, key, 1, 0, 1.0)["a"], jit_compile=compiled)
    for first in range(0, 8, 4):
        shards = program.plan.execution.shards[first : first + 4]
        assert {shard.draws for shard in shards} == {first // 4} and sum(shard.worth for shard in shards) == 1
        slope = differences(program, meta, shards[0])
        squares = []
        for shard in shards:
            found, _, carried = program.gradient(meta, 0, shard)
            squares.append(float(unit(fold(program.keys(0, shard)[1], 0))[0]) ** 2)
            assert found["meta/inner.lr"] == pytest.approx(slope * squares[-1] / 4, rel=1e-4)
            assert list(carried) == ["trajectory"]
        assert len(set(squares)) == 4  # shards of one task have noise of their own


@pytest.mark.parametrize(("name", "compiled"), [("pes", True), ("es", False)])
def test_windows_follow_one_trajectory(name, compiled):
    """With a vanishing perturbation the losses at the ends of windows are those of one inner loop."""
    metagrad, ones = kind("metagrads", name, particles=2, sigma=1e-9, window=4), {"init": "ones"}
    program, meta = whole(metagrad, steps=6, tasks=1, compiled=compiled, inner=ones)
    unbroken, _ = whole(kind("metagrads", "es", particles=2, sigma=1e-9), steps=6, tasks=1, inner=ones)
    _, first, carried = summed(program, meta)
    assert [state["trajectory"].tolist() for state in carried] == [[0, 1, 2]] * 2
    _, last, carried = summed(program, meta, 1, carried)
    _, expected, _ = summed(unbroken, meta)
    assert last["query_loss"] == pytest.approx(expected["query_loss"], rel=1e-6) != first["query_loss"]
    _, _, carried = summed(program, meta, 2, carried)
    assert [state["trajectory"].tolist() for state in carried] == [[2, 1, 2]] * 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "fields"), [("es", {}), ("pes", {"window": 2})])
def test_unbiased_for_the_exact_gradient(name, fields):
    """Over meta-iterations with independent noise the mean over a trajectory's windows is unroll's, within 4 errors."""
    program, meta = whole(
        kind("metagrads", name, particles=1024, sigma=0.01, **fields), 4, "mean", True, {"init": "ones"}, 1
    )
    exact_slope = differences(program, meta, program.plan.execution.shards[0])
    shard = program.plan.execution.shards[0]
    estimates, windows = [], 2 if fields else 1
    episode = program.episode("train", 0, shard)
    program.episode = lambda split, iteration, shard: episode  # the same task in every trajectory
    for trajectory in range(400):
        total, carried = 0.0, None
        for window in range(windows):
            found, _, carried = program.gradient(meta, trajectory * windows + window, shard, carried)
            total += float(found["meta/inner.lr"]) / shard.share / windows
        estimates.append(total)
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - exact_slope) < 4 * error
    assert 1.96 * error < 0.02 * abs(exact_slope)


@pytest.mark.parametrize("objective", ["final", "mean", "log", Weighted(weights=(0.0, 3.0, 0.5, 0.0, 1.0, 2.0))])
def test_windows_share_the_objective(objective):
    """The mean over the windows of what is played is the objective of the losses that an evaluation measures."""
    program, meta = whole(
        kind("metagrads", "pes", particles=1, window=4), objective=objective, tasks=1, inner={"init": "ones"}
    )
    shard, learning = program.plan.execution.shards[0], program.parts.learning
    episode, key = program.episode("train", 0, shard), program.keys(0, shard)[0]
    values = {
        name.removeprefix("meta/"): tf.constant(value) for name, value in meta.items() if name.startswith("meta/")
    }
    losses = program.graphs["evaluate"](values, episode, key)["query_loss"].numpy()[0]
    weights = objective.weights if isinstance(objective, Weighted) else ()
    expected = {
        "final": losses[-1],
        "mean": losses[1:].mean(),
        "weighted": sum(w * f for w, f in zip(weights, losses[1:], strict=False)),
        "log": np.mean(np.log(losses[1:] + 1e-6)) - np.log(losses[0] + 1e-6),
    }[objective if isinstance(objective, str) else "weighted"]
    own = {name: value[tf.newaxis] for name, value in values.items()}
    play, state = (
        player(learning, objective_weights(program.plan), 4, episode, key),
        started(learning, episode, key, own),
    )
    total = []
    for window in range(2):
        played = play(own, state, tf.constant(window))
        state = played.state
        total.append(float(played.objective[0]))
    assert np.mean(total) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ["es", pytest.param("pes", marks=pytest.mark.slow)])
def test_tasks_that_share_an_axis_are_estimated_as_each_alone(name):
    """The gradient and the metrics of a group are the sums of those of its tasks, whatever their problem draws."""
    metagrad = kind("metagrads", name, particles=2, sigma=0.1, window=3)
    program, meta = whole(metagrad, steps=6, tasks=3, objective="mean", shards=1)
    shard = program.plan.execution.shards[0]  # all three tasks, and a part of their particles
    assert shard.count == 3
    together, alone = [], []
    for groups, found in ((128, together), (1, alone)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(particles, "ABREAST", groups)
            own, carried = Program(program.plan), None
            for iteration in range(2):
                slopes, metrics, carried = own.gradient(meta, iteration, shard, carried)
                found.append({**slopes, **metrics})
    for one, other in zip(together, alone, strict=True):
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_allclose(one[key], other[key], rtol=1e-9)
