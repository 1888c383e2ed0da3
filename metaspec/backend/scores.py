"""The outer update from scores: it draws the candidates of the next meta-iteration, which travel with the state."""

import tensorflow as tf

from metaspec.backend.executors import executor
from metaspec.backend.keys import fold, stream
from metaspec.backend.metagrads.none import BEGUN, MEMBERS, POPULATION, below
from metaspec.backend.records import Metrics, ScoreMethod, Tree
from metaspec.backend.update import Slots, Update, within
from metaspec.plan.model import Plan


def build(plan: Plan, dtype: tf.DType) -> Update:
    """Where scores of candidates were lost with a shard, or are not finite, they count as the worst."""
    method: ScoreMethod = executor(plan.spec.outer).method(plan.spec.outer)
    tensors = {tensor.key: tensor for tensor in plan.meta}

    def bounded(meta: Tree) -> Tree:
        return {name: within(value, tensors[name]) for name, value in meta.items()}

    def drawn(meta: Tree, slots: Slots, iteration: tf.Tensor | int) -> Tree:
        key = fold(stream(plan.spec.train.seed, "population"), iteration)
        return bounded(method.sample(meta, slots, key))

    def population(meta: Tree) -> Tree:
        found = prefixed(POPULATION, drawn(meta, method.slots(meta), 0))
        if method.members:
            size = next(iter(found.values())).shape[0]
            weights = {each.name: tf.zeros((size, 1, *each.shape), dtype) for each in plan.parameters}
            found |= prefixed(MEMBERS, weights | {BEGUN: tf.zeros((), dtype)})
        return found

    def apply(meta: Tree, slots: Slots, total: Tree, iteration: tf.Tensor) -> tuple[Tree, Slots, Metrics]:
        candidates = below(meta, POPULATION)
        counted = total["counted"]
        complete = counted >= tf.reduce_max(counted) * 0.999  # of the tasks that any candidate was scored on
        worst = tf.constant(dtype.max / 4, dtype)
        scores = tf.where(complete & (counted > 0), total["scores"] / tf.maximum(counted, 1e-9), worst)
        own = {name: meta[name] for name in tensors}
        key = fold(stream(plan.spec.train.seed, "outer"), iteration)
        after, slots, order = method.update(own, slots, candidates, scores, key)
        found = bounded(after) | prefixed(POPULATION, drawn(after, slots, iteration + 1))
        if method.members:
            # The slots hold the members' meta-parameters; their weights follow the same order.
            found |= {name: tf.gather(value, order) for name, value in total.items() if name.startswith(MEMBERS)}
            found[f"{MEMBERS}{BEGUN}"] = tf.ones((), dtype)
        best = tf.reduce_min(scores)
        return {name: found[name] for name in meta}, slots, {"best_loss": best}

    return Update(method.slots, apply, population)


def prefixed(prefix: str, tree: Tree) -> Tree:
    return {f"{prefix}{name}": value for name, value in tree.items()}
