"""The hierarchical optimizer against the original's numbers, float64 differences and a forward pass of its own."""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from metaspec.api import plan
from metaspec.backend.keys import fold
from metaspec.backend.metagrads.windows import differentiated
from metaspec.backend.optimizers.hierarchical_rnn import optimizer
from metaspec.backend.optimizers.layout import layout_of, side_by_side, unflat
from metaspec.backend.program import Program
from metaspec.backend.weights import drawn
from metaspec.kinds.inner.hierarchical_rnn import HierarchicalRnn
from metaspec.resolve import resolve
from metaspec.source import Source
from tests.backend.optimizers.numpy_rnn import forward
from tests.backend.optimizers.original import Original
from tests.backend.reference import fixture

CASES = ["quadratic5", "rosenbrock", "softmax4", "mlp4_3", "mlp4_3_firstorder", "quadratic5_attention"]
# The fixtures are float32: their own rounding, and that of sums in another order.
BOUND = 1e-4


def near(found, wanted, bound=BOUND, scale=None):
    scale = np.max(np.abs(wanted)) if scale is None else scale
    assert np.max(np.abs(found - wanted)) <= bound * max(scale, 1e-30)


@pytest.mark.parametrize("case", [*CASES[:1], *(pytest.param(case, marks=pytest.mark.slow) for case in CASES[1:])])
def test_two_windows_of_the_original(case):
    original = Original(fixture("golden_hrnn.npz"), case)
    state = original.state
    for number in range(2):
        found, value = original.window(number, state)
        near(np.concatenate([found.losses[:1], found.losses[:-1]])[:, 0], original(f"unroll{number}/F"), 1e-5)
        near(value, original(f"unroll{number}/J"), 1e-5)
        state = found.state
        near(state[0], original.joined(f"unroll{number}/theta"), 1e-5)
        memory = state[1]
        near(memory["parameter"][:, 0], original.state_of(number, "parameter"))
        near(memory["tensor"][:, 0], original.state_of(number, "layer"))
        near(memory["task"][:, 0], original(f"unroll{number}/global_state").T)
        near(memory["log_rate"], original.state_of(number, "log_learning_rate"), 1e-6)
        gradients = {name: metagrad(original, number, name) for name in found.gradient}
        norm = np.sqrt(sum(np.sum(np.square(value)) for value in gradients.values()))
        for name, wanted in gradients.items():
            # A tensor whose gradient is nearly zero is known only as well as the sums that cancel in it.
            scale = max(np.max(np.abs(wanted)), 1e-3 * norm)
            near(found.gradient[name], wanted.reshape(found.gradient[name].shape), BOUND, scale)


def metagrad(original: Original, number: int, name: str) -> np.ndarray:
    key = original.names[name]
    return original(f"unroll{number}/metagrad/" + key[key.index("LOL/") :])


def weights_of(config: HierarchicalRnn, seed: int = 0):
    key = tf.constant([seed, 5])
    found = {weight.name: drawn(weight, fold(key, place), tf.float64) for place, weight in enumerate(config.tensors())}
    noise = np.random.default_rng(seed)
    return {name: value + 0.05 * noise.standard_normal(value.shape) for name, value in found.items()}


SHAPES = ((3, 2), (2,), (4,))


@pytest.mark.parametrize("global_input", ["mean", "last"])
def test_forward_pass_by_hand(global_input):
    config = HierarchicalRnn(global_input=global_input)
    weights, draw = weights_of(config), np.random.default_rng(1)
    layout = layout_of(SHAPES)
    rule = optimizer(config, layout)
    params = draw.standard_normal((1, layout.elements))
    memory = rule.init(weights, tf.constant(params), tf.constant([3, 4]))
    mine = forward(
        {name: value.numpy() for name, value in weights.items()},
        layout.sizes,
        memory["log_rate"][0].numpy(),
        global_input,
    )
    for number in range(4):
        slope = draw.standard_normal((1, layout.elements)) * 10.0 ** draw.integers(-4, 3)
        after, memory = rule.step(weights, memory, tf.constant(params), tf.constant(slope), number)
        near(params[0] - after[0], mine(slope[0]), 1e-10)
        params = after.numpy()


SWITCHES = [
    {"cell": "lstm"},
    {"global_input": "last"},
    {"sizes": (4,)},
    {"sizes": (4, 3)},
    {"scales": 1},
    {"scales": 2},
    {"relative_lr": False},
    {"task_lr_mean": False},
    {"log_means_squared": False},
    {"gradient_products": False},
    {"extreme_indicator": True},
    {"lr_shortcut": True},
    {"gradient_shortcut": False},
    {"output_scale": False},
    {"attention": True},
    {"learnable_decay": False},
    {"learnable_input_decay": False},
    {"multiple_scale_decays": True},
    {"learnable_start": False},
    {},
]
QUICK = [{"cell": "lstm"}, {"attention": True}, {"sizes": (4,)}, {}]


@pytest.mark.parametrize(
    "switch", [pytest.param(each, marks=() if each in QUICK else pytest.mark.slow, id=str(each)) for each in SWITCHES]
)
def test_meta_gradients_against_differences(switch):
    """Through three steps, from a state in the middle of a trajectory, and from its start for learned states."""
    config = HierarchicalRnn(**{"sizes": (4, 3, 3)} | switch)
    weights, layout = weights_of(config), layout_of(SHAPES)
    rule, draw = optimizer(config, layout), np.random.default_rng(2)
    target = tf.constant(draw.standard_normal((2, layout.elements)))
    curvature = tf.constant(np.exp(draw.standard_normal((2, layout.elements))))
    params = tf.constant(draw.standard_normal((2, layout.elements)))

    def loss(params):
        return tf.reduce_sum(curvature * tf.square(params - target) ** 1.5, axis=1)

    def step(weights, state, number):
        params, memory = state
        at = rule.attended(memory) if rule.attended else params
        with tf.GradientTape() as tape:
            tape.watch(at)
            value = loss(at)
        return rule.step(weights, memory, params, tape.gradient(value, at), number)

    def start(weights):
        return params, rule.init(weights, params, tf.constant([1, 2]))

    def objective(losses):
        return tf.reduce_sum(tf.math.log(losses[1:] / losses[0]))

    @tf.function(autograph=False)
    def value(weights):
        state = start(weights)
        losses = [loss(state[0])]
        for number in range(3):
            state = step(weights, state, tf.constant(number))
            losses.append(loss(state[0]))
        return objective(tf.stack(losses))

    @tf.function(autograph=False)
    def gradient(weights):
        found = differentiated(
            weights, start(weights), step, lambda _, state: loss(state[0]), objective, 3, 3, plain=True
        )
        with tf.GradientTape() as tape:
            tape.watch(weights)
            flat = tf.nest.flatten(start(weights))
        pulled = tape.gradient(flat, weights, tf.nest.flatten(found.start), unconnected_gradients="zero")
        return {name: found.gradient[name] + pulled[name] for name in weights}

    found, sign = gradient(weights), np.random.default_rng(3)
    directions = {name: tf.constant(sign.choice([-1.0, 1.0], tensor.shape)) for name, tensor in weights.items()}
    for name, tensor in weights.items():
        ahead, behind = (value({**weights, name: tensor + length * directions[name]}) for length in (1e-5, -1e-5))
        wanted = float(ahead - behind) / 2e-5
        assert abs(float(tf.reduce_sum(found[name] * directions[name])) - wanted) <= 1e-7 * max(1.0, abs(wanted)), name


def test_tasks_side_by_side_do_not_touch():
    """Tasks of two shapes on one element axis move as each does alone."""
    config = HierarchicalRnn(sizes=(4, 3, 3))
    weights, draw = weights_of(config), np.random.default_rng(4)
    layouts = (layout_of(SHAPES), layout_of(((5,), (2, 2))))
    both = side_by_side(layouts)
    rule = optimizer(config, both)
    params, slope = (tf.constant(draw.standard_normal((2, both.elements))) for _ in range(2))
    memory = rule.init(weights, params, tf.constant([1, 1]))
    together = params
    firsts = [0, layouts[0].elements, both.elements]
    alone = []
    for layout, (first, end) in zip(layouts, itertools.pairwise(firsts), strict=True):
        own = optimizer(config, layout)
        begun = own.init(weights, params[:, first:end], tf.constant([1, 1]))
        begun["log_rate"] = memory["log_rate"][:, first:end]
        state = (params[:, first:end], begun)
        for number in range(3):
            state = own.step(weights, state[1], state[0], slope[:, first:end], number)
        alone.append(state[0])
    for number in range(3):
        together, memory = rule.step(weights, memory, together, slope, number)
    near(together, np.concatenate(alone, axis=1), 1e-12)
    assert [part.shape[1:] for part in unflat(both, together)] == [tuple(shape) for shape in both.shapes]


def test_default_weights_are_the_originals():
    tensors = HierarchicalRnn().tensors()
    assert len(tensors) == 31
    assert sum(int(np.prod(weight.shape)) for weight in tensors) == 8349


def test_attention_starts_as_the_step():
    """The second readout has the values of the first at the start, as in the original; its shortcut has its own."""
    text = (
        "language 1\ntask bowl = problems { set = bowl }\n"
        "inner = hierarchical_rnn { weights = learned(random), attention = true, scale_decay_start = 1, steps = 4 }\n"
        "metagrad = truncated { window = 2 }\nouter = adam {}\n"
    )
    meta = Program(plan(resolve(Source("attention.meta", text)))).start()
    near(meta["meta/inner.weights/attention.kernel"], meta["meta/inner.weights/update.kernel"], 0)
    assert np.any(meta["meta/inner.weights/attention_shortcut.kernel"] != meta["meta/inner.weights/shortcut.kernel"])
    assert meta["meta/inner.weights/scale_decay.bias"] == 1
