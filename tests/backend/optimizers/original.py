"""The fixtures of the original program, in the words of this one."""

import numpy as np
import tensorflow as tf

from metaspec.backend.metagrads.objectives import window_objective
from metaspec.backend.metagrads.windows import differentiated
from metaspec.backend.optimizers.hierarchical_rnn import optimizer
from metaspec.backend.optimizers.layout import layout_of, unflat
from metaspec.kinds.inner.hierarchical_rnn import HierarchicalRnn
from metaspec.kinds.metagrads.truncated import Truncated

STEPS = 6
FAITHFUL = Truncated(window=STEPS, counted="before")
NAMES = {
    "Level0_RNN/init_vector": "parameter.start",
    "Level1_RNN/init_vector": "tensor.start",
    "Level2_RNN/init_vector": "task.start",
    "update_weights": "update.kernel",
    "scl_decay_weights": "scale_decay.kernel",
    "scl_decay_bias": "scale_decay.bias",
    "inp_decay_weights": "input_decay.kernel",
    "inp_decay_bias": "input_decay.bias",
    "learning_rate_weights": "rate.kernel",
    "learning_rate_bias": "rate.bias",
    "PerTensor/Layer0_RNN/Param/Affine/Matrix": "parameter.from_tensor.kernel",
    "PerTensor/Layer0_RNN/Param/Affine/Bias": "parameter.from_tensor.bias",
    "PerTensor/Layer0_RNN/Global/Affine/Matrix": "parameter.from_task.kernel",
    "PerTensor/Layer0_RNN/Global/Affine/Bias": "parameter.from_task.bias",
    "PerTensor/Layer1_RNN/Affine/Matrix": "tensor.from_task.kernel",
    "PerTensor/Layer1_RNN/Affine/Bias": "tensor.from_task.bias",
    "PerTensor/GradsToDelta/Matrix": "shortcut.kernel",
    "PerTensor/learning_rate_momentum_logit": "rate_momentum",
    "PerTensor/param_stepsize_offset": "step_offset",
    "attention_weights": "attention.kernel",
    "PerTensor/GradsToAttnDelta/Matrix": "attention_shortcut.kernel",
} | {
    f"{scope}/BiasGRUCell/{part}/Affine/{theirs}": f"{level}.{part}.{ours}"
    for scope, level in (
        ("PerTensor/Layer0_RNN", "parameter"),
        ("PerTensor/Layer1_RNN", "tensor"),
        ("Layer2_RNN", "task"),
    )
    for part in ("gates", "candidate")
    for theirs, ours in (("Matrix", "kernel"), ("Bias", "bias"))
}


class Original:
    """One case of the fixtures: its arrays, its weights, and two windows of it computed here."""

    def __init__(self, arrays, case: str, dtype=np.float32) -> None:
        self.arrays, self.case, self.dtype = arrays, case, dtype
        self.attends = "attention" in case
        self.tensors = sum(key.startswith(f"{case}/theta0/") for key in arrays)
        theta = [self(f"theta0/{place}") for place in range(self.tensors)]
        self.layout = layout_of(tuple(value.shape for value in theta))
        self.rule = optimizer(HierarchicalRnn(global_input="last", attention=self.attends), self.layout)
        self.names = {}
        for key in arrays:
            for prefix in ("meta/LOL/", f"{case}/extra_meta/LOL/"):
                if key.startswith(prefix):
                    self.names[NAMES[key.removeprefix(prefix).removesuffix(":0")]] = key
        self.meta = {name: self.weight(name, key) for name, key in self.names.items()}
        params = tf.constant(self.joined("theta0"))
        memory = self.rule.init(self.meta, params, tf.constant([0, 0]))
        memory["log_rate"] = tf.constant(self.joined("log_lr0"))
        self.state = (params, memory)

    def __call__(self, name: str) -> np.ndarray:
        value = self.arrays[f"{self.case}/{name}"]
        return value.astype(self.dtype) if value.dtype.kind == "f" else value

    def weight(self, name: str, key: str) -> tf.Tensor:
        value = self.arrays[key].astype(self.dtype)
        return tf.constant(value[0] if name.endswith(".start") else value)

    def joined(self, name: str) -> np.ndarray:
        """A value of every element, (1, elements)."""
        return np.concatenate([self(f"{name}/{place}").reshape(1, -1) for place in range(self.tensors)], axis=1)

    def state_of(self, window: int, name: str) -> np.ndarray:
        """A state of the original after a window, rows first."""
        parts = [self(f"unroll{window}/state/{place}/{name}") for place in range(self.tensors)]
        return np.concatenate(parts).T

    def loss(self, params: tf.Tensor, rows: tf.Tensor | None) -> tf.Tensor:
        values = unflat(self.layout, params)
        if self.case.startswith("quadratic"):
            return tf.reduce_sum(0.5 * tf.square(self("w") @ values[0][0] - self("y")))[tf.newaxis]
        if self.case == "rosenbrock":
            x, y = values[0][:, 0], values[0][:, 1]
            return (1 - x) ** 2 + 100 * (y - x**2) ** 2
        found, labels = tf.constant(self("data")), tf.constant(self("labels").astype(self.dtype))
        if rows is not None:
            found, labels = tf.gather(found, rows), tf.gather(labels, rows)
        for place in range(0, self.tensors, 2):
            found = found @ values[place][0] + values[place + 1][0]
            if place + 2 < self.tensors:
                found = tf.sigmoid(found)
        crossed = tf.nn.sigmoid_cross_entropy_with_logits(labels, found[:, 0])
        squares = tf.add_n([tf.reduce_sum(tf.square(value)) for value in values])
        return (tf.reduce_mean(crossed) + 1e-3 / self.tensors * squares)[tf.newaxis]

    def window(self, number: int, state):
        """Losses, last state and meta-gradient of one window from a state."""
        batches = self(f"unroll{number}/batches")
        reference = tf.constant(self("f_init"))[tf.newaxis]

        def step(meta, state, place):
            params, memory = state
            at = self.rule.attended(memory) if self.attends else params
            with tf.GradientTape() as tape:
                tape.watch(at)
                value = self.loss(at, tf.gather(tf.constant(batches), place) if batches.shape[1] else None)
            slope = tape.gradient(value, at)
            slope = tf.stop_gradient(slope) if "firstorder" in self.case else slope
            return self.rule.step(meta, memory, params, slope, place)

        @tf.function(autograph=False)
        def run(meta, state):
            objective = window_objective(FAITHFUL, "log", None, reference, STEPS, tf.constant(0))
            found = differentiated(
                meta, state, step, lambda meta, state: self.loss(state[0], None), objective, STEPS, STEPS, plain=True
            )
            return found, objective(found.losses)

        return run(self.meta, state)
