"""m <- m + lr * (U(m, g, memory) - m), U a learned optimizer."""

from importlib import import_module
from pathlib import Path

import tensorflow as tf

from metaspec.backend.keys import stream
from metaspec.backend.optimizers import Optimizer as Rule
from metaspec.backend.optimizers.layout import Layout, flat, layout_of, unflat
from metaspec.backend.optimizers.star import with_star
from metaspec.backend.records import OuterMethod, Tree
from metaspec.backend.weights import stored
from metaspec.kinds.outers.optimizer import Optimizer
from metaspec.resolve.loaded import inner_of
from metaspec.spec.kind import Inner


def method(config: Optimizer) -> OuterMethod:
    """What the rule remembers is kept in slots of shapes of their own, by number."""
    folder = Path(config.weights.load)
    inner = Inner.model_validate(inner_of(folder))
    module, found = import_module(f"metaspec.backend.optimizers.{inner.name}"), stored(folder, "weights")

    def rule_of(meta: Tree) -> tuple[Layout, Rule, Tree]:
        layout = layout_of(tuple(tuple(value.shape) or (1,) for value in meta.values()))
        dtype = next(iter(meta.values())).dtype
        weights = {name: tf.constant(value, dtype) for name, value in found.items()}
        return layout, with_star(inner, module.optimizer(inner, layout)), weights

    def begin(meta: Tree) -> list[tf.Tensor]:
        layout, rule, weights = rule_of(meta)
        return tf.nest.flatten(rule.init(weights, flat(layout, as_task(meta)), KEY))

    def update(meta, slots, gradient, lr, iteration):
        layout, rule, weights = rule_of(meta)
        before = flat(layout, as_task(meta))
        memory = tf.nest.pack_sequence_as(rule.init(weights, before, KEY), slots)
        after, memory = rule.step(weights, memory, before, flat(layout, as_task(gradient)), iteration)
        moved = unflat(layout, before + lr * (after - before))
        shaped = {
            name: tf.reshape(part[0], value.shape) for (name, value), part in zip(meta.items(), moved, strict=True)
        }
        return shaped, tf.nest.flatten(memory)

    return OuterMethod({}, update, begin)


# The draws that a rule's memory starts with are the same for every group and run.
KEY = stream(0, "outer optimizer")


def as_task(tree: Tree) -> Tree:
    """Meta-parameters as the parameters of one task: (1, *shape), of numbers (1, 1)."""
    return {name: tf.reshape(value, (1, *(tuple(value.shape) or (1,)))) for name, value in tree.items()}
