"""Meta-gradients of unrolled inner loops against float64 central differences."""

import itertools

import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.metagrads.segments import segments
from metaspec.spec.values import Parts, Weighted
from tests.backend.differences import case, kind, learned, relative_error

BOUND = 1e-6
SINE = kind("tasks", "sinusoid", shots=4, queries=3)
TANH = kind("models", "mlp", hidden=(5, 4), activation="tanh")
LEARNED = {
    "init": {"init": learned("glorot_uniform"), "lr": 0.1},
    "rate": {"lr": learned(0.1, name="inner.lr")},
    "rate per layer": {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("layer",), name="inner.lr")},
    "rate per tensor": {"lr": learned(0.1, per=("tensor",), name="inner.lr")},
    "rate per parameter": {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("parameter",), name="inner.lr")},
    "rate per step": {"lr": learned(0.1, per=("layer", "step"), name="inner.lr")},
    "log rate": {"lr": learned(0.1, name="inner.lr", scale="log")},
    "rates by part": {"lr": Parts(parts={"head": learned(0.1, name="inner.lr"), "rest": 0.05})},
    "decay of weights": {"lr": 0.1, "l2": learned(0.05, per=("parameter",), name="inner.l2", scale="log")},
}


def sgd(**fields):
    return kind("inner", "sgd", **fields)


def matrix():
    """Every combination; the quick suite has all of the three that matter most, and one of each of the others."""
    for what, order, steps in itertools.product(LEARNED, [1, 2], [1, 2, 5]):
        quick = what in ("init", "rate per layer", "rate per parameter") or (order, steps) == (2, 2)
        yield pytest.param(what, order, steps, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize(("what", "order", "steps"), list(matrix()))
def test_dense(what, order, steps):
    unroll = kind("metagrads", "unroll", order=order)
    found = case(SINE, TANH, sgd(steps=steps, **LEARNED[what]), unroll)
    assert relative_error(found, constant_gradients=order == 1) < BOUND


@pytest.mark.parametrize("inner", ["momentum", "adam", "rmsprop"])
@pytest.mark.parametrize(("order", "steps"), [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_inner_methods(inner, order, steps):
    fields = {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("layer",), name="inner.lr"), "steps": steps}
    if inner == "rmsprop":  # else its first steps are close to a sign, which differences do not like
        fields["epsilon"] = 0.01
    found = case(SINE, TANH, kind("inner", inner, **fields), kind("metagrads", "unroll", order=order))
    assert relative_error(found, constant_gradients=order == 1) < BOUND


@pytest.mark.parametrize("adapt", ["head", ("hidden1", "head")])
def test_part_of_the_parameters(adapt):
    inner = sgd(init=learned("glorot_uniform"), lr=0.1, steps=2, adapt=adapt)
    assert relative_error(case(SINE, TANH, inner, kind("metagrads", "unroll"))) < BOUND


@pytest.mark.parametrize("objective", ["mean", Weighted(weights=(0.2, 0.0, 0.5, 1.0))])
@pytest.mark.parametrize("checkpoint", ["none", 3])
def test_objectives_over_the_steps(objective, checkpoint):
    inner = sgd(init=learned("glorot_uniform"), lr=0.1, steps=4)
    found = case(SINE, TANH, inner, kind("metagrads", "unroll", checkpoint=checkpoint), objective)
    assert relative_error(found) < BOUND


@pytest.mark.parametrize(("steps", "checkpoint"), [(11, "none"), (10, "sqrt"), (7, 3), (4, 1)])
def test_loops_and_recomputed_segments(steps, checkpoint):
    inner = kind("inner", "momentum", init=learned("glorot_uniform"), lr=0.05, steps=steps)
    assert relative_error(case(SINE, TANH, inner, kind("metagrads", "unroll", checkpoint=checkpoint))) < BOUND


def test_segments_cover_every_step_once():
    for steps, checkpoint in itertools.product(range(1, 40), ["none", "sqrt", 1, 4, 50]):
        cut = segments(steps, checkpoint)
        assert (cut.count - 1) * cut.length < steps <= cut.count * cut.length


def test_the_graph_does_not_grow_with_the_segments():
    def operations(steps: int) -> int:
        inner = kind("inner", "momentum", init=learned("glorot_uniform"), lr=0.05, steps=steps)
        made = case(SINE, TANH, inner, kind("metagrads", "unroll", checkpoint=10))

        @tf.function(autograph=False)
        def run(meta, episode, key):
            return graphs.chunked(made.parts, meta, episode, key, made.plan.execution.chunk)

        graph = run.get_concrete_function(made.meta, made.episode, made.key).graph.as_graph_def()
        return len(graph.node) + sum(len(function.node_def) for function in graph.library.function)

    assert operations(200) == operations(30)
