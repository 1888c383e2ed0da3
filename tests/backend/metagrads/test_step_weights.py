"""Objectives and orders that change over the meta-iterations: the parts of MAML++."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.metagrads.step_weights import Annealed
from metaspec.spec.values import MultiStep, Parts
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import GLYPH_TASK, SINE

RATES = kind("inner", "sgd", init=learned("glorot_uniform"), steps=2, lr=learned(0.1, ("layer", "step"), "inner.lr"))
SMALL = kind("models", "mlp", hidden=(3,), activation="tanh")
ANNEALED = kind("metagrads", "unroll", first_order=0.5)


@pytest.mark.parametrize("iteration", [0, 1, 7, 39, 40, 1000])
def test_weights_are_those_of_the_paper(iteration):
    """Antoniou et al. 2019 in the words of their code, which steps by epochs: here one of them is a meta-iteration."""
    steps, annealing = 5, 40
    if iteration >= annealing:
        wanted = [0.0] * 4 + [1.0]
    else:
        decay = 1.0 / steps / annealing
        least = 0.03 / steps
        wanted = [max(1.0 / steps - iteration * decay, least)] * (steps - 1)
        wanted.append(min(1.0 / steps + iteration * (steps - 1) * decay, 1.0 - (steps - 1) * least))
    found = [float(weight) for weight in Annealed(steps, annealing).at(tf.constant(iteration), tf.float64)]
    np.testing.assert_allclose(found, wanted, atol=1e-15)
    assert sum(found) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(("iteration", "checkpoint"), [(3, "none"), (5, 1)])
def test_multi_step_loss_against_differences(iteration, checkpoint):
    metagrad = kind("metagrads", "unroll", checkpoint=checkpoint)
    found = case(SINE, SMALL, RATES, metagrad, MultiStep(share=0.5), iterations=16, iteration=iteration, tasks=1)
    assert relative_error(found) < 1e-6


@pytest.mark.parametrize(("iteration", "first"), [(4, True), (5, False)])
def test_order_is_annealed(iteration, first):
    """First order up to half of the meta-iterations, second order after: each against its own differences."""
    found = case(SINE, SMALL, RATES, ANNEALED, iterations=10, iteration=iteration, tasks=1)
    assert relative_error(found, constant_gradients=first) < 1e-6
    assert relative_error(found, constant_gradients=not first) > 1e-3


def test_one_graph_serves_all_meta_iterations():
    found = case(SINE, SMALL, RATES, ANNEALED, MultiStep(share=0.2), iterations=10)
    run = graphs.shard_gradient(found.parts, 2, True)
    norms = []
    for iteration in (0, 1, 4, 5, 9):
        slopes, _ = run(found.meta, found.episode, found.key, tf.constant(iteration))
        norms.append(float(tf.linalg.global_norm(list(slopes.values()))))
    assert run.experimental_get_tracing_count() == 1
    assert len({round(norm, 12) for norm in norms}) == 4, "only the last two are of one weight and one order"


def test_scale_and_shift_of_each_step_against_differences():
    """The parameters of a step's own: of the support pass of the step, and of the query pass after it."""
    init = own_at_each_step()
    inner = kind("inner", "sgd", init=init, adapt=("kernel", "bias"), steps=2, lr=0.3)
    model = kind("models", "conv", filters=(3, 3), norm="batch")
    metagrad = kind("metagrads", "unroll")
    found = case(GLYPH_TASK, model, inner, metagrad, MultiStep(share=1.0), iterations=4, iteration=1, tasks=1)
    assert found.meta["inner.init.scale/conv1.scale"].shape == (2, 3)
    assert relative_error(found) < 1e-6


def test_a_step_has_its_own_scale():
    """With the second step's scale moved, nothing of the first step changes."""
    inner = kind("inner", "sgd", init=own_at_each_step(), adapt=("kernel", "bias"), steps=2, lr=0.3)
    model = kind("models", "conv", filters=(3, 3), norm="batch")
    found = case(GLYPH_TASK, model, inner, kind("metagrads", "unroll"), tasks=1)
    evaluate = graphs.evaluation(found.parts, 2, False)
    key = "inner.init.scale/conv2.scale"
    moved = {**found.meta, key: found.meta[key] + tf.constant([[0.0], [0.5]], tf.float64)}
    before, after = (evaluate(meta, found.episode, found.key)["query_loss"].numpy()[0] for meta in (found.meta, moved))
    np.testing.assert_array_equal(before[:2], after[:2])
    assert abs(before[2] - after[2]) > 1e-4


def own_at_each_step():
    return Parts(
        parts={
            "scale": learned("ones", ("step",), "inner.init.scale"),
            "shift": learned("zeros", ("step",), "inner.init.shift"),
            "rest": learned("glorot_uniform", name="inner.init.rest"),
        }
    )
