"""The hierarchical recurrent optimizer (Wichrowska et al. 2017), as the original program computes it.

Three levels of recurrent cells share their weights over everything: one state for each element, each tensor and each
task. A level is steered by those above it, which it reads as they were before the step. In memory they are (numbers of
one state, tasks, items), so that every operation runs along the elements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.cells import CELLS, affine
from metaspec.backend.optimizers.layout import Layout, by_task, by_tensor, lasts, means, spread, tensors_by_task
from metaspec.backend.philox import fold, uniform

if TYPE_CHECKING:
    from metaspec.backend.records import Tree
    from metaspec.kinds.inner.hierarchical_rnn import HierarchicalRnn

TINY = 1e-16
# Decays that stand for learned ones: of squares, of gradients.
FIXED_SCALE_DECAY, FIXED_INPUT_DECAY = 0.93, 0.89
# Place of the rates among the draws of the start; the levels have those before.
RATES = 3


def optimizer(config: HierarchicalRnn, layout: Layout) -> Optimizer:
    cell = CELLS[config.cell]
    levels = config.levels
    widths = dict(zip(levels, config.states, strict=True))
    of_tensor, of_task, tensors = by_tensor(layout), by_task(layout), tensors_by_task(layout)
    counts = {"parameter": layout.elements, "tensor": layout.tensors, "task": layout.tasks}

    def init(weights: Tree, params: tf.Tensor, key: tf.Tensor) -> Tree:
        tasks, dtype = params.shape[0], params.dtype
        elements = (tasks, layout.elements)

        def first(position: int, level: str) -> tf.Tensor:
            shape = (widths[level], tasks, counts[level])
            if config.learnable_start:
                return tf.broadcast_to(weights[f"{level}.start"][:, tf.newaxis, tf.newaxis], shape)
            return tf.broadcast_to(2 * uniform(fold(key, position), (widths[level], 1, 1), dtype) - 1, shape)

        states = {level: first(position, level) for position, level in enumerate(levels)}
        scales = tf.zeros((config.scales, *elements), dtype)
        memory = states | {
            "accumulated": scales,
            "squares": scales,
            "input_decay": tf.zeros(elements, dtype),
            "scale_decay": tf.zeros(elements, dtype),
            "log_rate": log_rates(fold(key, RATES), tasks, dtype),
        }
        return memory | ({"attended": params} if config.attention else {})

    def log_rates(key: tf.Tensor, tasks: int, dtype: tf.DType) -> tf.Tensor:
        """A draw for each element plus one for each tensor, each from half of the range of log rates."""
        low, high = math.log(config.min_lr) / 2, math.log(config.max_lr) / 2
        own = uniform(fold(key, 0), (tasks, layout.elements), dtype)
        common = uniform(fold(key, 1), (tasks, layout.tensors), dtype)
        drawn = 2 * low + (high - low) * (own + spread(of_tensor, common))
        return tf.clip_by_value(drawn, -config.max_log_lr, config.max_log_lr)

    def step(weights: Tree, memory: Tree, params: tf.Tensor, gradient: tf.Tensor, number) -> tuple[tf.Tensor, Tree]:
        kept = moments(config, memory, gradient)
        scaled = asinh(kept["accumulated"] * tf.math.rsqrt(kept["squares"] + TINY))
        inputs = features(scaled, kept["squares"], memory["log_rate"])

        told = steering(weights, {level: cell.output(memory[level]) for level in levels[1:]})
        state = cell.step(weights, "parameter", inputs, memory["parameter"], told.get("parameter"))
        hidden = cell.output(state)
        states = {"parameter": state}
        if "tensor" in levels:
            pooled = means(of_tensor, tf.concat([hidden, inputs], axis=0) if config.extended else hidden)
            states["tensor"] = cell.step(weights, "tensor", pooled, memory["tensor"], told.get("tensor"))
        if "task" in levels:
            below = cell.output(states["tensor"])
            pooled = means(tensors, below) if config.global_input == "mean" else lasts(tensors, below)
            states["task"] = cell.step(weights, "task", pooled, memory["task"], None)

        read = readouts(config, weights, hidden)
        direction = read["update"] + shortcut(weights, "shortcut.kernel", scaled)
        if config.output_scale:
            moved = memory["log_rate"] + read["rate"]
            bounded = tf.clip_by_value(moved, -config.max_log_lr, config.max_log_lr)
            moved += tf.stop_gradient(bounded - moved)
            share = tf.sigmoid(weights["rate_momentum"])
            log_rate = moved + share * (memory["log_rate"] - moved)
            length = tf.exp(moved + weights["step_offset"]) * normalised(direction)
        else:
            moved, log_rate, length = None, memory["log_rate"], direction
        after = params - length
        states |= kept | {"input_decay": read["input_decay"], "scale_decay": read["scale_decay"], "log_rate": log_rate}
        if config.attention:
            ahead = read["attention"] + shortcut(weights, "attention_shortcut.kernel", scaled)
            states["attended"] = params - (ahead if moved is None else tf.exp(moved) * normalised(ahead))
        return after, states

    def features(scaled: tf.Tensor, squares: tf.Tensor, log_rate: tf.Tensor) -> tf.Tensor:
        """(features, tasks, elements), in the original's order."""
        found = [scaled]
        if config.gradient_products and config.scales > 1:
            found.append(scaled[:-1] * scaled[1:])
        if config.log_means_squared:
            logs = tf.math.log(squares + TINY)
            found.append(logs - tf.reduce_mean(logs, axis=0, keepdims=True))
        rate = log_rate[tf.newaxis]
        if config.relative_lr:
            groups = of_task if config.task_lr_mean else of_tensor
            found.append(rate - spread(groups, means(groups, rate)))
        if config.extreme_indicator:
            found.append(tf.nn.relu(rate) - tf.nn.relu(math.log(1e-6) - rate))
        if config.lr_shortcut:
            found.append(rate - math.log(1e-3))
        return tf.concat(found, axis=0)

    def steering(weights: Tree, above: Tree) -> Tree:
        """By level, the bias that the levels above inject into its cells."""
        if "tensor" not in levels:
            return {}
        told = affine(above["tensor"], weights["parameter.from_tensor.kernel"], weights["parameter.from_tensor.bias"])
        if "task" not in levels:
            return {"parameter": spread(of_tensor, told)}
        # The task tells elements and tensors in one product.
        kernel, bias = (
            tf.concat([weights[f"{level}.from_task.{role}"] for level in ("parameter", "tensor")], axis=-1)
            for role in ("kernel", "bias")
        )
        wide = told.shape[0]
        more = spread(tensors, affine(above["task"], kernel, bias))
        return {"parameter": spread(of_tensor, told + more[:wide]), "tensor": more[wide:]}

    def shortcut(weights: Tree, name: str, scaled: tf.Tensor) -> tf.Tensor | float:
        return affine(scaled, weights[name])[0] if config.gradient_shortcut else 0.0

    def normalised(direction: tf.Tensor) -> tf.Tensor:
        """Each tensor's direction divided by its root mean square."""
        if not config.output_scale:
            return direction
        size = means(of_tensor, tf.square(direction))
        return direction * spread(of_tensor, tf.math.rsqrt(size + TINY))

    return Optimizer(init, step, (lambda memory: memory["attended"]) if config.attention else None)


def moments(config: HierarchicalRnn, memory: Tree, gradient: tf.Tensor) -> Tree:
    """Gradients averaged over time scales, each about twice as long as the one before, and the squares of those.

    The first step has decays of 0: its averages are the gradient. (The original sets the decay of squares to 0 where
    all of them are 0; that is only then, so nothing need be done.)
    """
    slope = gradient[tf.newaxis]
    if config.scales > 1:
        decay = roots(memory["input_decay"], config.scales)
        accumulated = slope + decay * (memory["accumulated"] - slope)
    else:
        accumulated = slope
    decay = memory["scale_decay"]
    decay = roots(decay, config.scales) if config.multiple_scale_decays else decay[tf.newaxis]
    fresh = tf.square(accumulated) + 1e-12
    return {"accumulated": accumulated, "squares": fresh + decay * (memory["squares"] - fresh)}


@tf.custom_gradient
def asinh(value: tf.Tensor):
    """The inverse hyperbolic sine, whose derivative is taken from its argument and not by way of a cosh."""
    size = tf.abs(value)
    found = tf.sign(value) * tf.math.log(size + tf.sqrt(tf.square(value) + 1))
    return found, lambda upstream: upstream * tf.math.rsqrt(tf.square(value) + 1)


def roots(decay: tf.Tensor, count: int) -> tf.Tensor:
    """d, sqrt(d), sqrt(sqrt(d)), ... along a new first axis; the derivative at 0 is 0 and not infinite."""
    positive = decay > 0
    found = [tf.where(positive, decay, tf.ones_like(decay))]
    for _ in range(count - 1):
        found.append(tf.sqrt(found[-1]))
    return tf.where(positive, tf.stack(found), 0)


def readouts(config: HierarchicalRnn, weights: Tree, hidden: tf.Tensor) -> Tree:
    """What the cells of the elements say, each (tasks, elements): one product for all of it."""
    names = [
        name for name in ("update", "attention", "rate", "scale_decay", "input_decay") if f"{name}.kernel" in weights
    ]
    said = affine(hidden, tf.concat([weights[f"{name}.kernel"] for name in names], axis=1))
    found = {name: said[place] for place, name in enumerate(names)}
    if "rate" in found:
        found["rate"] += weights["rate.bias"]
    fixed = {"scale_decay": FIXED_SCALE_DECAY, "input_decay": FIXED_INPUT_DECAY}
    for name, decay in fixed.items():
        if name in found:
            found[name] = tf.sigmoid(found[name] + weights[f"{name}.bias"])
        else:
            found[name] = tf.fill(hidden.shape[1:], tf.cast(decay, hidden.dtype))
    return found
