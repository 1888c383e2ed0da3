"""The optimizers with a network at every parameter, against fixtures and plain formulas."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.optimizers.factored import factored
from metaspec.backend.optimizers.layout import layout_of
from metaspec.backend.optimizers.learned_adam import optimizer as learned_adam
from metaspec.backend.optimizers.mlp_optimizer import optimizer as mlp_optimizer
from metaspec.backend.optimizers.small_fc import optimizer as small_fc
from metaspec.backend.optimizers.star import with_star
from metaspec.kinds.inner.learned_adam import LearnedAdam
from metaspec.kinds.inner.learned_rate import LearnedRate
from metaspec.kinds.inner.mlp_optimizer import MlpOptimizer
from metaspec.kinds.inner.small_fc import SmallFc
from tests.backend.optimizers.test_hierarchical_rnn import near
from tests.backend.reference import fixture


@pytest.mark.parametrize(("precision", "bound"), [("f32", 1e-6), ("f64", 1e-9)])
def test_three_steps_of_the_reference(precision, bound):
    arrays = fixture("golden_pes.npz")
    weights = {
        f"layer{number + 1}.{ours}": tf.constant(arrays[f"{precision}/mlp/theta/mlp/~/linear_{number}.{theirs}"])
        for number in range(3)
        for ours, theirs in (("kernel", "w"), ("bias", "b"))
    }
    rule = mlp_optimizer(MlpOptimizer(), layout_of(((4, 3), (3,))))
    for number in range(3):

        def joined(name, place=number):
            parts = [arrays[f"{precision}/mlp/step{place}/{name}/{leaf}"] for leaf in "wb"]
            return np.concatenate([part.reshape(size, -1) for part, size in zip(parts, (12, 3), strict=True)])

        given = {"momenta": tf.constant(joined("m_in").T[:, np.newaxis])}
        after, memory = rule.step(
            weights,
            given,
            tf.constant(joined("p_in").T),
            tf.constant(joined("grad").T),
            int(arrays[f"{precision}/mlp/step{number}/iteration_in"]),
        )
        near(after, joined("p_out").T, bound)
        near(memory["momenta"][:, 0].numpy().T, joined("m_out"), bound)


def test_factors_of_a_matrix():
    """Adafactor's formula with explicit loops over the entries of a matrix with more rows than columns."""
    draw = np.random.default_rng(0)
    shape, decay = (4, 3), np.array([0.9, 0.5])
    gradient = draw.standard_normal((1, 12))
    rows, columns = np.exp(draw.standard_normal((2, 1, 3))), np.exp(draw.standard_normal((2, 1, 4)))
    found = factored(shape, tf.constant(gradient), tf.constant(decay), (tf.constant(rows), tf.constant(columns)))
    squares = gradient.reshape(shape) ** 2
    for place, share in enumerate(decay):
        row = share * rows[place, 0] + (1 - share) * squares.mean(axis=0)  # over the largest axis
        column = share * columns[place, 0] + (1 - share) * squares.mean(axis=1)
        for i in range(4):
            for j in range(3):
                factor = 1 / np.sqrt(row[j] / (row.mean() + 1e-9)) / np.sqrt(column[i])
                near(found.multiplier[place, 0, 3 * i + j], factor, 1e-9)
                near(found.scaled[place, 0, 3 * i + j], factor * gradient[0, 3 * i + j], 1e-9)


def test_weights_of_small_fc_are_counted():
    assert sum(int(np.prod(weight.shape)) for weight in SmallFc().tensors()) == 197


def test_small_fc_sees_39_features_of_every_tensor():
    """With a network that passes one feature on, a step shows that feature, normalised over its tensor."""
    config, layout = SmallFc(hidden=(), step_scale=1.0, exponent_scale=1e-9), layout_of(((3, 2), (2,)))
    rule, draw = small_fc(config, layout), np.random.default_rng(1)
    kernel = np.zeros((39, 2))
    kernel[2, 0] = 1.0  # the first momentum
    weights = {"layer1.kernel": tf.constant(kernel), "layer1.bias": tf.zeros(2, tf.float64)}
    weights |= {
        name: tf.zeros(size, tf.float64)
        for name, size in (("momentum_decays", 3), ("square_decays", 1), ("factor_decays", 3))
    }
    params, slope = (tf.constant(draw.standard_normal((1, 8))) for _ in range(2))
    memory = rule.init(weights, params, tf.constant([0, 0]))
    after, _ = rule.step(weights, memory, params, slope, 0)
    momentum = 0.1 * slope.numpy()[0]
    for part in (slice(0, 6), slice(6, 8)):
        wanted = momentum[part] / np.sqrt(1e-5 + np.mean(momentum[part] ** 2))
        near((params - after)[0, part], wanted, 1e-9)


def test_learned_adam_and_its_defect():
    """The original's step on g = (0.3, -4) at a rate of 1e-3 is (-30, +400), since its second moment stays 0."""
    slope = tf.constant([[0.3, -4.0]], tf.float64)
    for faithful, wanted in ((True, [-30.0, 400.0]), (False, [-1e-3, 1e-3])):
        config = LearnedAdam(faithful=faithful, epsilon=1e-12)
        rule = learned_adam(config, layout_of(((2,),)))
        weights = {weight.name: tf.constant(weight.start, tf.float64) for weight in config.tensors()}
        params = tf.zeros((1, 2), tf.float64)
        after, _ = rule.step(weights, rule.init(weights, params, tf.constant([0, 0])), params, slope, 0)
        near(after[0], np.array(wanted), 1e-6)


def test_star_adds_a_nominal_step_and_a_decay():
    from metaspec.backend.optimizers.learned_rate import optimizer

    config = LearnedRate(nominal=0.1, decay=0.01, preconditioned=True)
    rule = with_star(config, optimizer(config, layout_of(((1,),))))
    weights = {"rate": tf.constant(0.5, tf.float64)}
    params, slope = tf.constant([[2.0]], tf.float64), tf.constant([[3.0]], tf.float64)
    after, _ = rule.step(weights, rule.init(weights, params, tf.constant([0, 0])), params, slope, 0)
    scale = 1 / np.sqrt(0.001 * 9 + 1e-6)
    momenta = np.mean([0.1, 0.01, 0.001]) * 3
    near(after[0, 0], 0.99 * 2 - 0.5 * 3 * scale - 0.1 * momenta * scale, 1e-9)
