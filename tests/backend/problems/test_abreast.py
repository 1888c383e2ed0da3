"""Problems of different shapes in one graph are those problems by themselves."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.compile import prepared
from metaspec.backend.keys import fold
from metaspec.backend.metagrads.truncated import carrying
from metaspec.backend.problem_learning import problem_learning
from metaspec.backend.problems.abreast import abreast
from metaspec.backend.program import Program
from metaspec.backend.records import State
from metaspec.kinds.problems.bowl import Bowl
from metaspec.kinds.problems.quadratic import Quadratic
from metaspec.kinds.problems.softmax_regression import SoftmaxRegression
from metaspec.kinds.tasks.problems import Problems
from metaspec.plan import make
from metaspec.spec.blocks import Train
from metaspec.spec.spec import Spec
from tests.backend.differences import kind, learned, plain

SIZES = {"tensor": 1, "task": 1}  # of one quadratic on the axes of levels above the elements


def plan_of(task, tasks, **inner):
    spec = Spec(
        language=1,
        tasks={"pool": task},
        inner=kind("inner", "hierarchical_rnn", steps=6, sizes=(3, 2, 2), weights=learned("random", name="w"), **inner),
        metagrad=kind("metagrads", "truncated", window=3),
        outer=kind("outers", "sgd"),
        schedule=kind("schedules", "inline"),
        train=Train(iterations=1, tasks=tasks, seed=3, precision="float64", objective="log", reduce="sum"),
    )
    return plain(make(spec))


def test_each_shape_is_there_once_however_often_it_is_repeated():
    pool = Problems(set="quadratic", instances=8)
    sizes = [problem.size for problem in pool.abreast((0, 1, 2, 3, 4, 5, 6, 7))]
    assert sizes == [20, 25, 50, 100]
    assert len(pool.abreast((0, 4))) == 1 and len(pool.abreast((0, 1, 4))) == 3


def test_a_cluster_of_several_shapes_is_one_shard():
    (shard,) = plan_of(Problems(set="quadratic", instances=4), 8).execution.shards
    assert sorted(shard.instances) == [0, 0, 1, 1, 2, 2, 3, 3]
    first, second = plan_of(Problems(set="quadratic", instances=4), 2).execution.shards
    assert first.count == second.count == 1  # drawn anew for each trajectory: no graph is made for a pair


def test_a_window_side_by_side_is_the_windows_of_each():
    """Two positions with a quadratic of three and one of two each: gradients, losses and states in float64."""
    problems = (Quadratic(size=3), Quadratic(size=2))
    plan = plan_of(kind("tasks", "problems", of=problems[0], instances=2), 2)
    program = Program(plan)
    meta = {key.removeprefix("meta/"): tf.constant(value) for key, value in program.start().items() if "meta/" in key}
    draw = np.random.default_rng(1)
    meta = {name: value + 0.1 * draw.standard_normal(value.shape) for name, value in meta.items()}
    data = [abreast((each,)).objectives[0].data(draw) | {} for each in problems for _ in range(2)]
    stacked = [{name: np.stack([one[name], two[name]]) for name in one} for one, two in (data[:2], data[2:])]
    both = {f"{place}/{name}": value for place, own in enumerate(stacked) for name, value in own.items()}

    def episode(inputs, tasks):
        from metaspec.backend.records import Batch, Episode

        batch = Batch(tf.nest.map_structure(tf.constant, inputs), tf.range(tasks))
        return prepared(Episode(batch, batch), tf.float64)

    def window(configs, episode, carried):
        learning = problem_learning(plan, configs, tf.float64)
        parts, episode = carrying(plan.spec.metagrad, learning, None), learning.arranged(episode)
        key = fold(tf.constant([1, 2]), 3)
        carried = parts.begin(meta, episode, key) if carried is None else carried
        return parts.advance(meta, episode, key, carried, tf.constant(1)), carried

    run = tf.function(window, autograph=False)
    (total, metrics, after), begun = run(problems, episode(both, 4), None)
    summed, losses, elements = None, [], []
    for place, (config, first) in enumerate(zip(problems, (0, 3), strict=True)):
        memory = {
            name: value[..., first : first + config.size] if name not in SIZES else value[..., place : place + 1]
            for name, value in begun.state.memory.items()
        }
        params = {"elements": begun.state.params["elements"][:, first : first + config.size]}
        own = begun._replace(state=State(params, memory, {}), reference=begun.reference[place::2])
        (found, measured, reached), _ = run((config,), episode(stacked[place], 2), own)
        summed = found if summed is None else {name: summed[name] + found[name] for name in found}
        losses.append(measured["query_loss"])
        elements.append(reached.state.params["elements"])
    np.testing.assert_allclose(metrics["query_loss"], np.stack(losses, axis=1).ravel(), rtol=1e-10)
    np.testing.assert_allclose(after.state.params["elements"], np.concatenate(elements, axis=1), rtol=1e-10)
    norm = np.sqrt(sum(np.sum(np.square(value)) for value in summed.values()))
    assert norm > 1e-6
    for name, value in summed.items():
        np.testing.assert_allclose(total[name], value, rtol=1e-8, atol=1e-10 * norm)


@pytest.mark.parametrize("batches", [1, 2])
def test_draws_are_of_each_problem(batches):
    """Noise where a problem has some, rows within its own data."""
    found = abreast((Quadratic(size=3, noise=0.5), Bowl(condition=2.0), SoftmaxRegression(features=2, rows=9, batch=2)))
    inputs = {"0/noise": tf.fill((400, 1), tf.constant(0.5, tf.float64))}
    seen = found.draws(inputs, batches, 0, tf.constant([4, 5]), 3 * 400, tf.float64)
    assert seen.noise.shape == (400, found.layout.elements) and seen.kept is None
    noise = seen.noise.numpy()
    assert not noise[:, 3:].any()
    deviation = 0.5 / batches**0.5
    assert abs(noise[:, :3].std() - deviation) < 4 * deviation / np.sqrt(2 * 1200)
    assert seen.rows[:2] == (None, None)
    assert len(set(seen.rows[2].numpy().tolist())) == 2 * batches and seen.rows[2].numpy().max() < 9


@pytest.mark.parametrize("config", [Quadratic(size=3), SoftmaxRegression(features=4, rows=9, batch=2)])
def test_a_single_task_has_its_matrix_without_the_task_axis(config):
    """The same losses over all rows and over some, and the same accuracy, as with the axis."""
    found = abreast((config,))
    draw = np.random.default_rng(2)
    data = {name: tf.constant(value[np.newaxis]) for name, value in found.objectives[0].data(draw).items()}
    arranged = found.arranged(data)
    (name,) = found.objectives[0].matrices
    assert arranged[name].shape == data[name].shape[1:] and arranged.keys() == data.keys()
    params = (tuple(tf.constant(draw.standard_normal((1, *shape))) for shape in found.layout.shapes),)
    for rows in (None, tf.constant([4, 1])):
        given = (rows if found.objectives[0].rows else None,)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(params)
            losses = [found.loss(inputs, params, given) for inputs in (data, arranged)]
        np.testing.assert_allclose(*losses, rtol=1e-14)
        for one, other in zip(*(tf.nest.flatten(tape.gradient(loss, params)) for loss in losses), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
    if found.objectives[0].accuracy:
        np.testing.assert_array_equal(*(found.accuracy(inputs, params) for inputs in (data, arranged)))
