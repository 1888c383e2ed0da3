"""A learned optimizer as a Keras 3 optimizer, on the TensorFlow backend.

`metaspec export RUN --to keras` writes a copy of this module beside copies of the update rule and the run's weights. So
nothing that it imports when it runs may need another part of metaspec than those modules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import keras
import numpy as np
import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout, flat, layout_of, unflat
from metaspec.backend.optimizers.star import with_star

if keras.backend.backend() != "tensorflow":
    raise ImportError(f"this optimizer needs Keras on TensorFlow, and here it runs on {keras.backend.backend()}")


class RuleOptimizer(keras.optimizers.Optimizer):
    """An update rule with fixed weights, for the variables of a model as one task.

    learning_rate: factor of every step, a number or a Keras schedule; 1 is the step as it was meta-trained.
    seed: of what the rule's memory starts with, where that is drawn (a rate for each parameter, say).
    name, options: as every Keras optimizer takes them: clipping, weight decay, averages, accumulation.

    Variables are real and not empty. Sparse gradients are made dense. A variable without a gradient stays as it is, and
    the rule sees a gradient of 0 for it. A rule that looks ahead keeps the parameters themselves in its memory while it
    trains, and the model has them when `fit` ends.
    """

    rule: ClassVar[Callable[[Any, Layout], Optimizer]]
    settings: ClassVar[SimpleNamespace]
    weights: ClassVar[dict[str, np.ndarray]]
    fingerprint: ClassVar[str]  # of settings and weights

    def __init__(
        self,
        learning_rate: Any = 1.0,
        seed: int = 0,
        name: str = "learned_optimizer",
        fingerprint: str | None = None,
        **options: Any,
    ) -> None:
        if fingerprint not in (None, self.fingerprint):
            raise ValueError(
                f"this was saved with the learned optimizer {fingerprint}, and the package here holds "
                f"{self.fingerprint}: import the package that it was trained with, or load it with compile=False"
            )
        super().__init__(learning_rate=learning_rate, name=name, **options)
        self.seed = seed

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"seed": self.seed, "fingerprint": self.fingerprint}

    def build(self, variables: Sequence[keras.Variable]) -> None:
        """Lays the variables on one axis and makes the rule's memory. Raises ValueError for those it cannot train."""
        if self.built:
            return
        check(variables)
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            raise ValueError("a learned optimizer trains on one device; it sees all gradients of a model at once")
        super().build(variables)
        self._precision = tf.float64 if any(each.dtype == "float64" for each in variables) else tf.float32
        self._layout = layout_of(tuple(tuple(each.shape) for each in variables))
        self._steps = with_star(self.settings, type(self).rule(self.settings, self._layout))
        with tf.init_scope():  # Keras builds an optimizer inside the first step, which may be a compiled graph
            values = self._laid_out([each.value for each in variables])
            memory = self._steps.init(self._weights(), values, tf.constant([self.seed, 0], tf.int32))
            if self._steps.attended is not None:
                memory["params"] = values
            self._names = tuple(memory)
            self._memory = [self._kept(name, value) for name, value in memory.items()]

    def _kept(self, name: str, value: tf.Tensor) -> keras.Variable:
        dtype = keras.backend.standardize_dtype(value.dtype)
        return self.add_variable(
            tuple(value.shape), lambda shape, dtype=None: value, dtype, name=name.replace(".", "_")
        )

    def _weights(self) -> dict[str, tf.Tensor]:
        return {name: tf.constant(value, self._precision) for name, value in self.weights.items()}

    def _laid_out(self, values: Sequence[tf.Tensor]) -> tf.Tensor:
        """Tensors in the order of the variables -> (1, elements)."""
        return flat(self._layout, tuple(tf.cast(each, self._precision)[tf.newaxis] for each in values))

    def _backend_update_step(self, grads, trainable_variables, learning_rate) -> None:
        """One step of all variables together: Keras calls this one where it would else go through them in turn."""
        slopes = {self._var_key(variable): slope for variable, slope in zip(trainable_variables, grads, strict=True)}
        variables = self._trainable_variables
        found = [slopes.get(self._var_key(each)) for each in variables]
        dense = [
            tf.zeros(each.shape, self._precision) if slope is None else tf.convert_to_tensor(slope)
            for each, slope in zip(variables, found, strict=True)
        ]
        memory = {name: tf.convert_to_tensor(each) for name, each in zip(self._names, self._memory, strict=True)}
        before = memory.pop("params", None)
        if before is None:
            before = self._laid_out([each.value for each in variables])
        number = tf.cast(tf.convert_to_tensor(self.iterations), tf.int32)
        after, memory = self._steps.step(self._weights(), memory, before, self._laid_out(dense), number)
        share = tf.cast(learning_rate, self._precision)
        seen = after = before + share * (after - before)
        if self._steps.attended is not None:
            seen = before + share * (self._steps.attended(memory) - before)
            memory |= {"params": after, "attended": seen}
        for name, kept in zip(self._names, self._memory, strict=True):
            kept.assign(memory[name])
        self._write(seen, [slope is not None for slope in found])

    def _write(self, elements: tf.Tensor, wanted: Sequence[bool]) -> None:
        """Into the variables that are wanted."""
        values = unflat(self._layout, elements)
        for variable, value, chosen in zip(self._trainable_variables, values, wanted, strict=True):
            if chosen:
                variable.assign(tf.cast(value[0], variable.dtype))

    def finalize_variable_values(self, var_list) -> None:
        """What `fit` does at its end: a model whose gradients were taken ahead gets the parameters themselves."""
        if self.built and "params" in self._names:
            self._write(self._memory[self._names.index("params")].value, [True] * self._layout.tensors)
        super().finalize_variable_values(var_list)


def check(variables: Sequence[keras.Variable]) -> None:
    """Raises ValueError that names every variable a learned optimizer cannot train, and says why."""
    reasons = []
    for each in variables:
        dtype = keras.backend.standardize_dtype(each.dtype)
        name = getattr(each, "path", each.name)
        if not tf.as_dtype(dtype).is_floating:
            reasons.append(f"`{name}` is {dtype}, and steps are real numbers")
        elif 0 in each.shape:
            reasons.append(f"`{name}` of shape {tuple(each.shape)} is empty, and has no gradient to average")
    if not variables:
        reasons.append("the model has no trainable variables")
    if reasons:
        raise ValueError(
            f"a learned optimizer cannot train these variables: {'; '.join(reasons)}. "
            "Make them non-trainable, or train them with another optimizer."
        )


def stored(folder: Path) -> tuple[SimpleNamespace, dict[str, np.ndarray], str]:
    """Settings, weights and their fingerprint from `settings.json` and `weights.npz` in a folder."""
    text = (folder / "settings.json").read_text(encoding="utf-8")
    fields = {name: tuple(each) if isinstance(each, list) else each for name, each in json.loads(text).items()}
    with np.load(folder / "weights.npz") as arrays:
        weights = {name: arrays[name] for name in arrays.files}
    digest = hashlib.sha256(json.dumps(json.loads(text), sort_keys=True).encode())
    for name in sorted(weights):
        digest.update(name.encode() + weights[name].tobytes())
    return SimpleNamespace(**fields), weights, digest.hexdigest()[:12]
