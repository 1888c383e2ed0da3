"""The LSTM against a layer that is written out in NumPy, and its meta-gradients against central differences."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.losses import cross_entropy
from metaspec.backend.models.lstm import build
from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.resolve import resolve
from metaspec.source import Source
from tests.backend.differences import kind, plain

TEXT = """language 1
task verses = language { length = 4, batch = 2, query_batch = 2 }
model net = lstm { units = 3, embedding = 2, layers = 2 }
inner = sgd { steps = 2, lr = learned(0.3), l2 = learned(0.1), init = learned(glorot_uniform) }
metagrad = unroll {}
outer = sgd {}
train { iterations = 1, precision = float64 }
"""


@pytest.fixture(scope="module")
def program():
    return Program(plain(make(resolve(Source("verses.meta", TEXT)).required())))


def sigmoid(values):
    return 1 / (1 + np.exp(-values))


def test_states_and_logits_are_those_of_the_formula(program):
    draw = np.random.default_rng(0)
    model, vocabulary = kind("models", "lstm", units=3, embedding=2, layers=2), program.plan.tasks[0].outputs
    network = build(model, False)
    params = {each.name: draw.standard_normal((2, *each.shape)) for each in program.plan.parameters}
    inputs = draw.integers(0, vocabulary, (1, 5, 4)).astype(np.int32)
    found = network.head(
        {name: tf.constant(value) for name, value in params.items()},
        network.features({name: tf.constant(value) for name, value in params.items()}, tf.constant(inputs)),
    )
    for task in range(2):
        for piece in range(5):
            values = [params["embedding.kernel"][task, number] for number in inputs[0, piece]]
            for layer in ("lstm1", "lstm2"):
                hidden, memory, above = np.zeros(3), np.zeros(3), []
                for entered in values:
                    gates = np.concatenate([entered, hidden]) @ params[f"{layer}.kernel"][task]
                    put, kept, given, proposed = np.split(gates + params[f"{layer}.bias"][task], 4)
                    memory = sigmoid(kept + 1) * memory + sigmoid(put) * np.tanh(proposed)
                    hidden = sigmoid(given) * np.tanh(memory)
                    above.append(hidden)
                values = above
            expected = np.array(values) @ params["head.kernel"][task] + params["head.bias"][task]
            np.testing.assert_allclose(found[task, piece], expected, rtol=1e-10)


def test_the_meta_gradient_is_that_of_central_differences(program):
    shard, state = program.plan.execution.shards[0], program.start()
    found = program.gradient(state, 0, shard)[0]
    draw = np.random.default_rng(1)

    def value(changed) -> float:
        """The objective after both steps, of the batches and items that the meta-gradient takes."""
        return program.gradient({**state, **changed}, 0, shard)[1]["query_loss"]

    for key, slope in found.items():
        direction = np.asarray(draw.choice([-1.0, 1.0], slope.shape))
        ahead, behind = (value({key: state[key] + sign * 1e-5 * direction}) for sign in (1, -1))
        assert float(np.sum(slope * direction)) == pytest.approx((ahead - behind) / 2e-5, rel=1e-6, abs=1e-9)


def test_loss_and_accuracy_are_means_over_characters():
    draw = np.random.default_rng(2)
    logits, classes = draw.standard_normal((2, 3, 4, 5)), draw.integers(0, 5, (2, 3, 4))
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -np.take_along_axis(logs, classes[..., None], axis=-1).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(cross_entropy(tf.constant(logits), tf.constant(classes)), expected)
