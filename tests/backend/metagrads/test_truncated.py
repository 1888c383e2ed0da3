"""Windows: meta-gradients against float64 differences, what they carry, and who begins anew."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.keys import fold, stream
from metaspec.backend.metagrads.objectives import window_objective
from metaspec.backend.metagrads.truncated import TRAJECTORIES, carrying, ends, gradient, own_and_common
from metaspec.backend.problems.abreast import rows_of
from metaspec.backend.program import Program
from metaspec.kinds.metagrads.truncated import Truncated
from metaspec.plan import make
from metaspec.spec.blocks import Train
from metaspec.spec.spec import Spec
from tests.backend.differences import kind, learned, plain

QUADRATIC = kind("problems", "quadratic", size=3, noise=0.1)
NETWORK = kind("problems", "fully_connected", features=3, hidden=(2,), rows=12, batch=4)
ADAM = kind("inner", "learned_adam", weights=learned("random", name="inner.weights"), lr=0.1, steps=6)
RNN = {"sizes": (3, 2, 2), "weights": learned("random", name="inner.weights"), "data_batches": 2}


def setting(problem=QUADRATIC, inner=None, objective="log", **fields):
    spec = Spec(
        language=1,
        tasks={"pool": kind("tasks", "problems", of=problem, instances=2)},
        inner=inner or kind("inner", "hierarchical_rnn", steps=6, **RNN),
        metagrad=kind("metagrads", "truncated", **{"window": 3} | fields),
        outer=kind("outers", "sgd"),
        schedule=kind("schedules", "inline"),
        train=Train(iterations=1, tasks=2, seed=3, precision="float64", objective=objective, reduce="sum"),
    )
    plan = plain(make(spec))
    program = Program(plan)
    shard = plan.execution.shards[0]
    start = program.start()
    meta = {key.removeprefix("meta/"): tf.constant(start[key]) for key in start if key.startswith("meta/")}
    episode = graphs.prepared(program.episode("train", 0, shard), tf.float64)
    return plan, program, meta, episode, program.key("initial/train", 0, shard)


def losses_by_hand(plan, program, meta, episode, key, steps, state=None, first=0):
    """The losses before each step and after the last, step by step, and the last state."""
    learning = program.parts.learning
    method, start = learning.method(2), learning.start(meta, episode, key)
    state = method.init(start.settings, start.episode.support, start.params) if state is None else state
    found = [learning.loss(method, start.settings, state, episode.query)]
    for number in range(first, first + steps):
        state = method.step(start.settings, state, start.episode.support, number)
        found.append(learning.loss(method, start.settings, state, episode.query))
    return tf.stack(found), state


def checked(found, value, meta, bound=1e-6):
    """The gradient against differences along random signs in every tensor at once, and in each of a few."""
    draw = np.random.default_rng(0)
    norm = np.sqrt(sum(float(tf.reduce_sum(slope**2)) for slope in found.values()))
    assert norm > 1e-8
    names = list(meta)
    for chosen in [names, *[[name] for name in draw.permutation(names)[:3]]]:
        move = {name: tf.constant(draw.choice([-1.0, 1.0], meta[name].shape)) for name in chosen}
        ahead, behind = (
            value({name: tensor + sign * 1e-6 * move.get(name, 0) for name, tensor in meta.items()}) for sign in (1, -1)
        )
        wanted = float(ahead - behind) / 2e-6
        slope = sum(float(tf.reduce_sum(found[name] * move[name])) for name in chosen)
        assert abs(slope - wanted) <= bound * max(norm, 1.0)


@pytest.mark.parametrize(
    ("problem", "objective"),
    [(QUADRATIC, "log"), *(pytest.param(NETWORK, name, marks=pytest.mark.slow) for name in ("log", "mean", "final"))],
    ids=["quadratic-log", "network-log", "network-mean", "network-final"],
)
def test_the_first_window_and_the_next(problem, objective):
    """Both windows of a trajectory: each gradient is that of its own losses with the state before it held constant."""
    plan, program, meta, episode, key = setting(problem, objective=objective)
    config, learning = plan.spec.metagrad, program.parts.learning
    parts = carrying(config, learning, None)
    carried = parts.begin(meta, episode, key)
    begun = fold(key, TRAJECTORIES)
    held = reference = None
    for number in range(2):
        run = tf.function(parts.advance, autograph=False)
        found, _, carried = run(meta, episode, key, carried, tf.constant(number))
        before = held

        @tf.function(autograph=False)
        def value(meta, before=before, number=number, reference=reference):
            losses, _ = losses_by_hand(plan, program, meta, episode, begun, 3, before, 3 * number)
            start = losses[0] if reference is None else reference
            return window_objective(config, objective, None, tf.stop_gradient(start), 3, tf.constant(3 * number))(
                losses
            )

        losses, held = losses_by_hand(plan, program, meta, episode, begun, 3, before, 3 * number)
        reference = losses[0] if number == 0 else reference
        np.testing.assert_allclose(carried.reference, reference, rtol=1e-12)
        for name in held.params:
            np.testing.assert_allclose(carried.state.params[name], held.params[name], rtol=1e-9, atol=1e-12)
        checked(found, value, meta)
    assert int(carried.done) == 6


def test_windows_of_one_call_are_those_of_several():
    plan, program, meta, episode, key = setting(inner=ADAM, carry=False)
    config, learning = plan.spec.metagrad, program.parts.learning
    whole, _ = tf.function(gradient(config, learning, None), autograph=False)(meta, episode, key, tf.constant(0))
    parts = carrying(config.model_copy(update={"carry": True}), learning, None)
    carried, total = parts.begin(meta, episode, key), None
    advance = tf.function(parts.advance, autograph=False)
    for number in range(2):
        found, _, carried = advance(meta, episode, key, carried, tf.constant(number))
        total = found if total is None else {name: total[name] + found[name] for name in total}
    for name in total:
        np.testing.assert_allclose(whole[name], total[name], rtol=1e-9, atol=1e-12)


def test_a_visit_keeps_memory_and_begins_anew():
    plan, program, meta, episode, key = setting(reset="visit", visit=2, windows=1)
    parts = carrying(plan.spec.metagrad, program.parts.learning, None)
    assert parts.windows(key) == 2
    first = parts.begin(meta, episode, key)
    advance = tf.function(parts.advance, autograph=False)
    _, _, one = advance(meta, episode, key, first, tf.constant(0))
    gradient, _, two = advance(meta, episode, key, one, tf.constant(1))
    assert int(one.done) == int(two.done) == 3  # the steps of a trajectory count from its start
    assert not np.allclose(one.reference, two.reference)  # another starting point
    # The learned starts of the cells are seen by the first trajectory of a visit alone.
    assert not np.any(gradient["inner.weights/parameter.start"])


@pytest.mark.parametrize("windows", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_memory_saved_before_the_last_window(windows):
    """A visit's next trajectory begins with the memory after the window before the last, or with zeros."""

    def advanced(saved):
        plan, program, meta, episode, key = setting(reset="visit", visit=2, windows=windows, saved=saved)
        parts = carrying(plan.spec.metagrad, program.parts.learning, None)
        advance = tf.function(parts.advance, autograph=False)
        passed = [parts.begin(meta, episode, key)]
        for number in range(windows):
            passed.append(advance(meta, episode, key, passed[-1], tf.constant(number))[2])
        return passed, lambda carried: advance(meta, episode, key, carried, tf.constant(windows))

    passed, onwards = advanced("before_last")
    found, _, after = onwards(passed[-1])
    same, plainly = advanced("last")
    memory = passed[1].state.memory if windows == 2 else tf.nest.map_structure(tf.zeros_like, passed[1].state.memory)
    by_hand = same[-1]._replace(state=same[-1].state._replace(memory=memory))
    wanted, _, expected = plainly(by_hand)
    for name in wanted:
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(after.state.params["elements"], expected.state.params["elements"], rtol=1e-12)
    assert not np.allclose(after.state.params["elements"], plainly(same[-1])[2].state.params["elements"])


def test_drawn_lengths():
    config = Truncated(window=5, more_steps=3.0, windows=2, more_windows=4.0, reset="visit", visit=400)
    _, program, *_ = setting()
    lengths = np.diff(ends(config, program.parts.learning, stream(1, "test")), prepend=0)
    assert lengths.min() >= 2
    assert abs(np.mean(lengths) - 6) < 4 * 4 / 20  # four standard errors of the mean of an exponential


def test_windows_that_chance_adds_are_whole():
    """Six steps in windows of four: four, two, and four in each window behind them."""
    plan, program, meta, episode, key = setting(inner=ADAM, window=4, more_windows=3.0)
    parts = carrying(plan.spec.metagrad, program.parts.learning, None)
    keys = tf.stack([key, key])
    carried, advance, done = parts.begin(meta, episode, keys), tf.function(parts.advance, autograph=False), []
    for number in range(4):
        found, _, carried = advance(meta, episode, keys, carried, tf.constant(number))
        done.append(int(carried.done))
        assert max(float(tf.reduce_max(tf.abs(slope))) for slope in found.values()) > 0
    assert done == [4, 6, 10, 14]


def test_shards_of_a_cluster_end_together():
    """Each shard finds the ends of its visit with the key of the whole cluster, as the driver's count of windows does."""
    drawn = {"reset": "visit", "visit": 3, "windows": 1, "more_windows": 4.0}
    spec = setting(**drawn)[0].spec
    pool = kind("tasks", "problems", set="quadratic", instances=4)
    plan = plain(make(spec.model_copy(update={"tasks": {"pool": pool}, "clusters": {}})))
    program = Program(plan)
    first, second = plan.execution.shards  # two of four instances, each alone
    assert second.first == 1
    learning, config = program.parts.learning, plan.spec.metagrad
    apart = []
    for began in range(6):
        wanted = program.parts.carrying.windows(program.key("initial/train", began, first))
        for shard in (first, second):
            own, common = own_and_common(program.keys(began, shard))
            assert int(ends(config, learning, common)[-1]) == wanted
        apart.append(int(ends(config, learning, own)[-1]) != wanted)
    assert any(apart)


def test_no_trajectory_goes_on_with_other_instances():
    _, program, *_ = setting(inner=ADAM)
    shard, meta = program.plan.execution.shards[0], program.start()
    _, _, carried = program.gradient(meta, 0, shard)
    assert carried["instances"].tolist() == list(shard.instances)
    program.gradient(meta, 1, shard, carried)
    other = shard.model_copy(update={"instances": shard.instances[::-1]})
    with pytest.raises(ValueError, match="began with"):
        program.gradient(meta, 1, other, carried)
    begins = {"trajectory": np.array([0, 0, 1], np.int32)}  # a shard that was lost, with one window left
    _, _, anew = program.gradient(meta, 1, shard, begins)
    assert anew["trajectory"].tolist() == [0, 1, 1]


def test_a_task_above_the_limit_stays_where_it_is():
    inner = kind("inner", "learned_rate", weights=learned("random", name="inner.weights"), start=10.0, steps=6)
    plan, program, meta, episode, key = setting(kind("problems", "quadratic", size=3), inner, limit=2.0, window=6)
    parts = carrying(plan.spec.metagrad, program.parts.learning, None)
    begun = parts.begin(meta, episode, key)
    found, metrics, carried = tf.function(parts.advance, autograph=False)(meta, episode, key, begun, tf.constant(0))
    # Steps of 10 multiply the distance; without a limit six of them would reach 1e10 and more.
    assert np.all(metrics["query_loss"] > 2 * begun.reference) and np.all(np.isfinite(found["inner.weights/rate"]))
    _, state = losses_by_hand(plan, program, meta, episode, fold_of(key), 1)
    np.testing.assert_allclose(carried.state.params["elements"], state.params["elements"])


def fold_of(key):
    """The key of a task's first trajectory."""
    return fold(key, TRAJECTORIES)


@pytest.mark.parametrize(("count", "batch"), [(12, 4), (1000, 64), (7, 7), (10, 3)])
def test_a_pass_sees_each_row_once(count, batch):
    steps = count // batch
    key = stream(5, "rows")
    for first in (0, steps):
        rows = np.concatenate([rows_of(count, batch, first + number, key) for number in range(steps)])
        assert len(set(rows.tolist())) == steps * batch and rows.min() >= 0 and rows.max() < count
    again = rows_of(count, batch, 0, key).numpy()
    assert steps == 1 or not np.array_equal(again, rows_of(count, batch, steps, key))
