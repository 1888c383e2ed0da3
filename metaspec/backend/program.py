"""What a worker does: a plan's computations as functions of bytes that come and go.

A program keeps compiled graphs, and the last arguments as tensors; every result depends on its arguments alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend import copies, similarity
from metaspec.backend.executors import executor
from metaspec.backend.initial import draw
from metaspec.backend.kept import Kept
from metaspec.backend.keys import fold, stream
from metaspec.backend.policies import trust_region
from metaspec.backend.records import Episode, TaskFunctions
from metaspec.backend.weights import from_distribution, loaded
from metaspec.plan.baselines import RATE, baseline_plan
from metaspec.plan.clusters import assign
from metaspec.plan.model import MetaTensor, Plan, Shard
from metaspec.spec.kind import Task
from metaspec.spec.values import Distribution, Given, Load

Arrays = dict[str, np.ndarray]

# Shards of pools whose data are kept as tensors; keys that are kept.
EPISODES, KEYS = 32, 256


class Unit(NamedTuple):
    """Compiled graphs by name, and what they are made of."""

    parts: graphs.Parts
    graphs: dict[str, Callable]


def unit(plan: Plan, parts: graphs.Parts) -> Unit:
    execution = plan.execution
    found = {"evaluate": graphs.evaluation(parts, plan.evaluation_steps, execution.compiled)}
    if parts.carrying and execution.mode == "shards":
        found["begin"], found["advance"] = graphs.window(parts, execution.compiled)
    if not parts.carrying:
        found["gradient"] = graphs.shard_gradient(parts, execution.chunk, execution.compiled)
    return Unit(parts, found)


class Program:
    """Meta-gradients, outer updates and evaluations of one plan. Arrays go by `meta/KEY` and `outer/SLOT/KEY`."""

    def __init__(self, plan: Plan, cache: Path | None = None) -> None:
        execution = plan.execution
        self.plan = plan
        tasks = plan.spec.tasks
        self.tasks = {task.name: task_functions(tasks[task.name], task, plan, cache) for task in plan.tasks}
        self.units: dict[str, Unit] = {}
        self.cache, self.baselines = cache, {}  # programs of the methods that are compared with, by name
        self.structures: dict[Callable, Any] = {}  # of what is carried, by the function that begins it
        self.last: tuple[Arrays, dict[str, tf.Tensor]] | None = None  # meta-parameters, as they came and as tensors
        self.episodes: Kept[Episode] = Kept(EPISODES)  # of pools
        self.keys_made: Kept[tf.Tensor] = Kept(KEYS)
        self.parts, self.graphs = self.unit(execution.evaluation[0])
        self.graphs["update"] = tf.function(self.parts.update.apply, autograph=False)
        if execution.mode == "stretches":
            self.graphs["block"] = graphs.block(plan, self.parts, self.tasks, execution.compiled)
            self.graphs["stretch"] = graphs.stretch(plan, self.parts, execution.compiled)

    def unit(self, shard: Shard) -> Unit:
        """What executes a shard: one unit for all tasks with a model, one for each shape of problem or for several
        shapes side by side, made when asked for.
        """
        task = self.plan.spec.tasks[shard.task]
        problems = task.abreast(shard.instances) if task.brings_model else ()
        name = " | ".join(problem.graph for problem in problems)
        if name not in self.units:
            self.units[name] = unit(self.plan, graphs.parts(self.plan, problems))
        return self.units[name]

    def start(self) -> Arrays:
        """Meta-parameters and outer slots before the first meta-iteration."""
        key = stream(self.plan.spec.train.seed, "meta-parameters")
        places = {tensor.key: number for number, tensor in enumerate(self.plan.meta)}
        meta = {
            tensor.key: self.initial(tensor, fold(key, places[tensor.drawn_with or tensor.key]))
            for tensor in self.plan.meta
        }
        return packed(meta | self.parts.update.population(meta), self.parts.update.slots(meta))

    def initial(self, tensor: MetaTensor, key: tf.Tensor) -> tf.Tensor:
        """A meta-parameter's tensor at the start."""
        if isinstance(tensor.start, Given):
            return tf.cast(self.tasks[tensor.task].given(tensor.start.given), self.parts.dtype)
        if isinstance(tensor.start, Load):
            return tf.ensure_shape(loaded(tensor.key, tensor.start, self.parts.dtype), tensor.shape)
        return initial(tensor, key, self.parts.dtype)

    def gradient(
        self, meta: Arrays, iteration: int, shard: Shard, carried: Arrays | None = None
    ) -> tuple[Arrays, dict[str, float], Arrays]:
        """The meta-gradient and the metrics, both summed over the shard's tasks, and what the shard carries on.

        `carried` is what its last meta-iteration returned; empty for metagrads that carry nothing.
        """
        values = self.values(meta)
        if self.parts.carrying:
            gradient, metrics, carried = self._advance(values, iteration, shard, carried)
        else:
            episode = self.episode("train", iteration, shard)
            key = self.key("initial/train", iteration, shard)
            gradient, metrics = self.unit(shard).graphs["gradient"](values, episode, key, tf.constant(iteration))
            carried = {}
        return (
            {f"meta/{name}": value.numpy() for name, value in gradient.items()},
            {name: float(value) for name, value in metrics.items()},
            carried,
        )

    def copy(self, meta: Arrays, iteration: int, copy: int, outer: Arrays) -> tuple[Arrays, dict[str, float]]:
        """A copy of the meta-model after its updates of one meta-iteration (see `metaspec.backend.copies`)."""
        return copies.train(self, meta, iteration, copy, outer)

    def _advance(self, meta, iteration: int, shard: Shard, carried: Arrays | None):
        """One window of the shard's trajectories, which begin anew where the last ones have ended."""
        parts, compiled = self.unit(shard)
        begin, advance = compiled["begin"], compiled["advance"]
        began, done, total = carried["trajectory"].tolist() if carried else (iteration, 0, 0)
        if done == total:
            began, done = iteration, 0
            # The key of the trajectory itself: a metagrad may draw within it where its parts end.
            total = self.parts.carrying.windows(self.key("initial/train", began, whole(shard)))
        episode = self.episode("train", began, shard)
        key = self.keys(began, shard)
        if done == 0:
            state = begin(meta, episode, key)
        else:
            like = self._carried_like(begin, meta, episode, key)
            leaves = [tf.constant(carried[str(place)]) for place in range(len(tf.nest.flatten(like)))]
            state = tf.nest.pack_sequence_as(like, leaves)
        gradient, metrics, state = advance(meta, episode, key, state, tf.constant(done))
        carried = {str(place): np.asarray(leaf) for place, leaf in enumerate(tf.nest.flatten(state))}
        return gradient, metrics, carried | {"trajectory": np.array([began, done + 1, total], np.int32)}

    def _carried_like(self, begin, meta, episode: Episode, key: tf.Tensor):
        """The structure of what a unit's trajectories carry. Asking the function each time costs more than a window."""
        if begin not in self.structures:
            self.structures[begin] = begin.get_concrete_function(meta, episode, key).structured_outputs
        return self.structures[begin]

    def values(self, meta: Arrays) -> dict[str, tf.Tensor]:
        """Meta-parameters as tensors, made once for all shards that come with the same ones."""
        if self.last is None or self.last[0] is not meta:
            self.last = (meta, unpacked(meta)[0])
        return self.last[1]

    def pooled(self, split: str, shard: Shard) -> Episode:
        """The data of instances, which stay the same: a shard comes back with every window of its trajectories."""
        functions = self.tasks[shard.task]
        return self.episodes.value(
            (shard.task, split, shard.instances),
            lambda: tf.nest.map_structure(tf.constant, functions.pool(split, shard.instances)),
        )

    def key(self, name: str, iteration: int, shard: Shard) -> tf.Tensor:
        place = shard.index if shard.draws is None else shard.draws
        seed = self.plan.spec.train.seed
        return self.keys_made.value(
            (name, iteration, place), lambda: folded(stream(seed, name), tf.constant(iteration), tf.constant(place))
        )

    def keys(self, began: int, shard: Shard) -> tf.Tensor:
        """The key of the shard's tasks; behind it that of the noise of particles, or of a cluster's draws: then (2, 2).

        Candidates are drawn with the outer update; behind the key then stands which of them is the shard's first.
        """
        own, particles = self.key("initial/train", began, shard), self.plan.execution.particles
        if not particles:
            common = self.parts.carrying.common
            return tf.stack([own, self.key("initial/train", began, whole(shard))]) if common else own
        if type(self.plan.spec.outer).scores:
            return tf.stack([own, tf.constant([shard.index % round(1 / shard.share) * particles, 0])])
        noise = fold(fold(stream(self.plan.spec.train.seed, "particles"), began), shard.index)
        return tf.stack([own, noise])

    def features(self, meta: Arrays, kind: str, iteration: int, shard: Shard) -> np.ndarray:
        """What the similarity of one instance is measured on, (1, numbers): `gradients` or `adapted` parameters."""

        def gradients(iteration: int) -> Arrays:
            return self.gradient(meta, iteration, shard)[0]

        def adapted(iteration: int) -> Arrays:
            parts, own = self.unit(shard)
            if "adapt" not in own:
                own["adapt"] = similarity.adaptation(parts, self.plan.execution.compiled)
            episode, key = self.episode("train", iteration, shard), self.key("initial/train", iteration, shard)
            found = own["adapt"](unpacked(meta)[0], episode, key)
            return {name: value.numpy().mean(axis=0) for name, value in found.items()}

        one = {"gradients": gradients, "adapted": adapted}[kind]
        return similarity.features(self.plan.spec.train.seed, iteration, one)

    def curvature(self, meta: Arrays, iteration: int, shard: Shard, vector: Arrays) -> Arrays:
        """The Hessian of the adapted policies' divergence times a vector, summed over the shard's tasks."""
        found = self._region("curvature", trust_region.hessian_product, meta, iteration, shard, vector)
        return {f"meta/{name}": value.numpy() for name, value in found.items()}

    def compare(self, meta: Arrays, iteration: int, shard: Shard, candidate: Arrays) -> Arrays:
        """`change` of the loss and `divergence` at other meta-parameters, summed over the shard's tasks."""
        found = self._region("compare", trust_region.comparison, meta, iteration, shard, candidate)
        return {name: value.numpy() for name, value in found.items()}

    def _region(self, name: str, function, meta: Arrays, iteration: int, shard: Shard, other: Arrays):
        """A function of a trust region on the trajectories that the shard's meta-gradient has sampled."""
        plan, (parts, own) = self.plan, self.unit(shard)
        if name not in own:
            metagrad = plan.spec.metagrad
            steps, order = (0, 1) if metagrad.name == "joint" else (plan.steps, metagrad.order)
            own[name] = trust_region.over_chunks(function, parts, steps, order, plan.execution.compiled)
        episode, key = self.episode("train", iteration, shard), self.key("initial/train", iteration, shard)
        return own[name](unpacked(meta)[0], unpacked(other)[0], episode, key, plan.execution.chunk)

    def assign(self, block: str, features: np.ndarray | None, iteration: int) -> Arrays:
        """The cluster of each instance of a block of similar ones (see `metaspec.plan.clusters.assign`)."""
        return assign(self.plan, block, features, iteration)

    def update(
        self, state: Arrays, gradient: Arrays, iteration: int, age: int | None = None
    ) -> tuple[Arrays, dict[str, float]]:
        """One outer update from the meta-gradient summed over all its shards in their order.

        `age`: the updates that the outer state has seen, where they are not as many as the meta-iterations before.
        """
        meta, slots = unpacked(state)
        total, _ = unpacked(gradient)
        seen = () if age is None else (tf.constant(age),)
        meta, slots, metrics = self.graphs["update"](meta, slots, total, tf.constant(iteration), *seen)
        return packed(meta, slots), {name: float(value) for name, value in metrics.items()}

    def stretch(self, state: Arrays, iteration: int, count: int) -> tuple[Arrays, Arrays]:
        """`count` meta-iterations from `iteration` on; the metrics have one entry for each."""
        longest = self.plan.execution.stretch
        meta, slots = unpacked(state)
        rows = []
        first = iteration
        while first < iteration + count:
            length = min(longest - first % longest, iteration + count - first)
            episodes = self.graphs["block"](tf.constant(first // longest))
            meta, slots, tables = self.graphs["stretch"](meta, slots, episodes, tf.constant(first), tf.constant(length))
            rows.append({name: table.numpy()[:length] for name, table in tables.items()})
            first += length
        return packed(meta, slots), {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}

    def evaluate(self, meta: Arrays, split: str, iteration: int, shard: Shard) -> Arrays:
        """Metrics (tasks, steps + 1) of the shard's tasks: before adaptation and after each inner step."""
        values = self.values(meta)
        episode = self.episode(split, iteration, shard)
        key = self.key(f"initial/{split}", iteration, shard)
        chunk, found = self.plan.execution.chunk, []
        evaluated = self.unit(shard).graphs["evaluate"]
        for first in range(0, shard.count, chunk):
            part = graphs.cut(episode, first, min(chunk, shard.count - first))
            found.append({n: v.numpy() for n, v in evaluated(values, part, fold(key, first)).items()})
        return {name: np.concatenate([part[name] for part in found]) for name in found[0]}

    def baseline(self, name: str, rates: tuple[float, ...], split: str, iteration: int, shard: Shard) -> np.ndarray:
        """Losses (rates, tasks, steps + 1) of a hand-designed method with each step size, on the shard's tasks."""
        if name not in self.baselines:
            self.baselines[name] = Program(baseline_plan(self.plan, name), self.cache)
        dtype = self.parts.dtype.as_numpy_dtype
        found = [
            self.baselines[name].evaluate({f"meta/{RATE}": np.asarray(rate, dtype)}, split, iteration, shard)
            for rate in rates
        ]
        return np.stack([each["query_loss"] for each in found])

    def episode(self, split: str, iteration: int, shard: Shard) -> Episode:
        functions = self.tasks[shard.task]
        if functions.pool is not None:
            return self.pooled(split, shard)
        if functions.gather is not None:
            return tf.nest.map_structure(tf.constant, functions.gather(split, iteration, shard.first, shard.count))
        return functions.sample(self.key(f"tasks/{split}", iteration, shard), shard.count)


@tf.function(autograph=False)
def folded(key: tf.Tensor, first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """A key folded twice, as one call: operation by operation it takes longer than a window of a small problem."""
    return fold(fold(key, first), second)


def whole(shard: Shard) -> Shard:
    """What stands for the whole cluster of a shard; all of its trajectories are of one length."""
    return shard if shard.cluster is None else shard.model_copy(update={"index": shard.index - shard.first})


def task_functions(config: Task, plan_of_task, plan: Plan, cache: Path | None) -> TaskFunctions:
    dtype = tf.as_dtype(plan.spec.train.precision)
    module = executor(config)
    if type(config).from_files:
        return module.functions(config, plan_of_task, plan.spec.train.seed, cache)
    return module.functions(config, dtype)


def initial(tensor: MetaTensor, key: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    """A tensor that starts at a number or a draw."""
    if isinstance(tensor.start, Distribution):
        return from_distribution(tensor.start, tensor.shape, key, dtype)
    if isinstance(tensor.start, float):
        return tf.fill(tensor.shape, tf.constant(tensor.start, dtype))
    role = tensor.key.rpartition(".")[2]
    return draw(tensor.start, role, tensor.shape, tensor.fan_in, tensor.fan_out, key, dtype)


def packed(meta, slots) -> Arrays:
    """Two trees as one flat dictionary of arrays."""
    arrays = {f"meta/{key}": np.asarray(value) for key, value in meta.items()}
    for slot, tree in slots.items():
        arrays |= {f"outer/{slot}/{key}": np.asarray(value) for key, value in tree.items()}
    return arrays


def unpacked(arrays: Arrays):
    """The inverse of `packed`."""
    meta, slots = {}, {}
    for name, array in arrays.items():
        group, _, key = name.partition("/")
        if group == "meta":
            meta[key] = tf.constant(array)
        elif group == "outer":
            slot, _, key = key.partition("/")
            slots.setdefault(slot, {})[key] = tf.constant(array)
    return meta, slots
