"""The score function against the exact gradient of an expectation that can be enumerated."""

from itertools import product

import numpy as np
import tensorflow as tf

from metaspec.backend.architectures.controller import drawn
from metaspec.backend.keys import fold, stream
from metaspec.backend.learned_kinds import OPERATIONS
from metaspec.backend.program import Program
from metaspec.plan.derived import derived
from tests.backend.differences import case, kind, learned
from tests.backend.small import SINE

OPS = ("zero", "identity", "tanh")
CONTROLLER = kind("architectures", "controller", ops=OPS, units=3)
MODEL = kind("models", "cell", nodes=1, width=3, architecture=learned(CONTROLLER, name="net.architecture"))
DRAWS = 3000


def searching(samples: int = 4):
    # Initial weights of ones: nothing but the choice is random.
    inner = kind("inner", "sgd", steps=2, lr=0.02, init="ones")
    return case(SINE, MODEL, inner, kind("metagrads", "reinforce", samples=samples), tasks=1)


def logs_of(meta, places: int) -> dict[tuple[int, ...], tf.Tensor]:
    """The logarithm of every choice's probability, by a controller that is written out once more."""
    weights = {name.removeprefix("net.architecture/"): value for name, value in meta.items()}
    found = {}
    for choice in product(range(len(OPS)), repeat=places):
        hidden = memory = tf.zeros(3, tf.float64)
        before, total = len(OPS), tf.constant(0.0, tf.float64)
        for number in choice:
            entered = tf.concat([tf.one_hot(before, len(OPS) + 1, dtype=tf.float64), hidden], axis=0)
            put, kept, given, proposed = tf.split(
                tf.linalg.matvec(weights["gates.kernel"], entered, transpose_a=True) + weights["gates.bias"], 4
            )
            memory = tf.sigmoid(kept) * memory + tf.sigmoid(put) * tf.tanh(proposed)
            hidden = tf.sigmoid(given) * tf.tanh(memory)
            logits = tf.linalg.matvec(weights["logits.kernel"], hidden, transpose_a=True) + weights["logits.bias"]
            total += logits[number] - tf.reduce_logsumexp(logits)
            before = number
        found[choice] = total
    return found


def reached(own, choice: tuple[int, ...]) -> float:
    """The objective with operations that are given."""
    start = own.parts.learning.start(own.meta, own.episode, own.key)
    method = own.parts.learning.method(1)
    given = tf.one_hot([choice], len(OPS), dtype=tf.float64)
    settings = start.settings._replace(shared={OPERATIONS: given})
    state = method.init(settings, start.episode.support, start.params)
    for number in range(own.plan.steps):
        state = method.step(settings, state, start.episode.support, number)
    return float(own.parts.learning.loss(method, settings, state, start.episode.query)[0])


def test_the_estimate_is_unbiased():
    own = searching()
    with tf.GradientTape() as tape:
        tape.watch(own.meta)
        logs = logs_of(own.meta, 1)
        expected = tf.add_n([tf.exp(value) * reached(own, choice) for choice, value in logs.items()])
    exact = tape.gradient(expected, own.meta)

    @tf.function(autograph=False)
    def estimates(keys):
        return tf.map_fn(
            lambda key: own.parts.meta_gradient(own.meta, own.episode, key, 0)[0],
            keys,
            fn_output_signature={name: tf.TensorSpec(value.shape, tf.float64) for name, value in own.meta.items()},
        )

    found = estimates(tf.stack([fold(own.key, number) for number in range(DRAWS)]))
    errors, within = [], []
    for name, value in found.items():
        draws = value.numpy().reshape(DRAWS, -1)
        truth, error = exact[name].numpy().ravel(), draws.std(axis=0) / DRAWS**0.5
        within += list(np.abs(draws.mean(axis=0) - truth) <= 4 * error + 1e-12)
        errors.append(np.linalg.norm(error))
    assert all(within)
    size = np.sqrt(sum(float(tf.reduce_sum(value**2)) for value in exact.values()))
    assert np.linalg.norm(errors) < 0.1 * size  # so a bias of a tenth would be seen


def test_draws_follow_the_probabilities_that_are_reported():
    own = searching()
    weights = {name.removeprefix("net.architecture/"): value for name, value in own.meta.items()}
    places, tasks = 2, 20_000
    found = drawn(CONTROLLER, weights, places, tasks, stream(1, "choices"))
    numbers = found.operations.numpy().argmax(axis=-1)
    for choice, log in logs_of(own.meta, places).items():
        hits = (numbers == choice).all(axis=1)
        np.testing.assert_allclose(found.log_probability.numpy()[hits], float(log), rtol=1e-9)
        share = np.exp(float(log))
        assert abs(hits.mean() - share) < 4 * np.sqrt(share * (1 - share) / tasks)


def test_the_derived_architecture_is_the_most_probable_one():
    own = searching()
    spread = {f"meta/{name}": 5 * value.numpy() for name, value in own.meta.items()}
    logs = logs_of({name.removeprefix("meta/"): tf.constant(value) for name, value in spread.items()}, 1)
    best = max(logs, key=lambda choice: float(logs[choice]))
    assert derived(own.plan, spread)["net"].ops == tuple(OPS[number] for number in best)


def test_of_a_mixture_zero_is_never_derived():
    mixture = learned(kind("architectures", "mixture", ops=OPS), name="net.architecture")
    model = kind("models", "cell", nodes=1, width=3, architecture=mixture)
    own = case(SINE, model, kind("inner", "sgd"), kind("metagrads", "unroll"))
    logits = np.array([[3.0, 1.0, 2.0]])
    assert derived(own.plan, {"meta/net.architecture/logits": logits})["net"].ops == ("tanh",)
    assert Program(own.plan).start()["meta/net.architecture/logits"].tolist() == [[0.0, 0.0, 0.0]]
