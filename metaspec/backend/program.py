"""What a worker does: a plan's computations as functions of bytes that come and go.

A program keeps compiled graphs, and the last arguments as tensors; every result depends on its arguments alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend import copies, keys, meta_parameters, similarity, trajectories
from metaspec.backend.arrays import Arrays, packed, unpacked
from metaspec.backend.executors import executor
from metaspec.backend.kept import Kept, shards_of_pools
from metaspec.backend.keys import fold
from metaspec.backend.learning import batches
from metaspec.backend.policies import trust_region
from metaspec.backend.records import Episode, TaskFunctions
from metaspec.backend.statistics import PREFIX
from metaspec.backend.trajectories import Unit, whole
from metaspec.plan.baselines import RATE, baseline_plan
from metaspec.plan.clusters import assign
from metaspec.plan.copies import iteration_of
from metaspec.plan.model import Plan, Shard
from metaspec.spec.kind import Problem, Task

# Keys of a shard that are kept: of its tasks, its cluster and its noise, in training and in evaluation.
KEYS = 8


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
        room = shards_of_pools(plan)
        self.episodes: Kept[Episode] = Kept(room)  # of pools
        self.shapes: Kept[tuple[str, tuple[Problem, ...]]] = Kept(room)  # of shards
        self.keys_made: Kept[tf.Tensor] = Kept(KEYS * room)
        self.parts, self.graphs = self.unit(execution.evaluation[0])
        self.graphs["update"] = tf.function(self.parts.update.apply, autograph=False)
        if execution.mode == "stretches":
            self.graphs["block"] = graphs.block(plan, self.parts, self.tasks, execution.compiled)
            of = {shard.task: self.unit(shard).parts for shard in execution.shards}
            self.graphs["stretch"] = graphs.stretch(plan, self.parts, of, execution.compiled)

    def unit(self, shard: Shard) -> Unit:
        """What executes a shard, made when asked for: one unit for all tasks with a model whose steps see as many items,
        one for each shape of problem or for several shapes side by side.
        """
        name, problems = self.shapes.value((shard.task, shard.instances), lambda: self.shape(shard))
        if name not in self.units:
            block = next(each for each in self.plan.tasks if each.name == shard.task)
            self.units[name] = unit(self.plan, graphs.parts(self.plan, problems, block))
        return self.units[name]

    def shape(self, shard: Shard) -> tuple[str, tuple[Problem, ...]]:
        """The problems side by side in a shard's unit, none for a task with a model, and what tells it from others."""
        task = self.plan.spec.tasks[shard.task]
        if not task.brings_model:
            return f"items: {batches(task)}", ()
        problems = task.abreast(shard.instances)
        return " | ".join(problem.graph for problem in problems), problems

    def start(self) -> Arrays:
        """Meta-parameters and outer slots before the first meta-iteration."""
        meta = meta_parameters.start(self.plan, self.tasks, self.parts.dtype)
        return packed(meta | self.parts.update.population(meta), self.parts.update.slots(meta))

    def gradient(
        self, meta: Arrays, iteration: int, shard: Shard, carried: Arrays | None = None
    ) -> tuple[Arrays, dict[str, float], Arrays]:
        """The meta-gradient and the metrics, both summed over the shard's tasks, and what the shard carries on.

        `carried` is what its last meta-iteration returned; empty for metagrads that carry nothing. Of copies, `iteration`
        is the number of the update, by which tasks are drawn; objectives are annealed by its meta-iteration.
        """
        values = self.values(meta)
        if self.parts.carrying:
            gradient, metrics, carried = trajectories.advance(self, values, iteration, shard, carried)
        else:
            episode = self.episode("train", iteration, shard)
            key = self.key("initial/train", iteration, shard)
            annealed = tf.constant(iteration_of(self.plan, iteration))
            gradient, metrics = self.unit(shard).graphs["gradient"](values, episode, key, annealed)
            carried = {}
        return (
            {f"meta/{name}": value.numpy() for name, value in gradient.items()},
            {name: float(value) for name, value in metrics.items()},
            carried,
        )

    def copy(self, meta: Arrays, iteration: int, copy: int, outer: Arrays) -> tuple[Arrays, dict[str, float]]:
        """A copy of the meta-model after its updates of one meta-iteration (see `metaspec.backend.copies`)."""
        return copies.train(self, meta, iteration, copy, outer)

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
        return self.keys_made.value((name, iteration, place), lambda: keys.place(seed, name, iteration, place))

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
        seed = self.plan.spec.train.seed
        return self.keys_made.value(
            ("particles", began, shard.index),
            lambda: tf.stack([own, keys.place(seed, "particles", began, shard.index)]),
        )

    def features(self, meta: Arrays, kind: str, iteration: int, shard: Shard) -> np.ndarray:
        """What the similarity of one instance is measured on, (1, numbers): `gradients` or `adapted` parameters."""

        def gradients(iteration: int) -> Arrays:
            found = self.gradient(meta, iteration, shard)[0]
            return {key: value for key, value in found.items() if not key.startswith(f"meta/{PREFIX}")}

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
        return self._tables("evaluate", meta, self.episode(split, iteration, shard), split, iteration, shard)

    def retrace(self, meta: Arrays, iteration: int, shard: Shard) -> Arrays:
        """The same of the tasks and inner steps that the shard's meta-gradient at `meta` is taken of, in the plan's mode.

        Of shards that carry nothing. `iteration` is the number of the draw, as for `gradient`. Initial parameters are
        those of training, except where `truncated` draws them: it has a key for each of its trajectories.
        """
        execution, (parts, own) = self.plan.execution, self.unit(shard)
        if "retrace" not in own:
            together = parts._replace(alone=False)  # as in training
            own["retrace"] = graphs.evaluation(together, self.plan.steps, execution.compiled)
        if execution.mode == "stretches":
            block, place = divmod(iteration, execution.stretch)
            drawn = self.graphs["block"](tf.constant(block))[execution.shards.index(shard)]
            episode = tf.nest.map_structure(lambda tensor: tensor[place], drawn)
        else:
            episode = self.episode("train", iteration, shard)
        return self._tables("retrace", meta, episode, "train", iteration, shard)

    def _tables(self, graph: str, meta: Arrays, episode: Episode, split: str, iteration: int, shard: Shard) -> Arrays:
        """What a graph of the shard's unit says of an episode, some tasks at a time."""
        values, key = self.values(meta), self.key(f"initial/{split}", iteration, shard)
        execution, found = self.plan.execution, []
        chunk = execution.evaluation_chunk if graph == "evaluate" else execution.chunk  # keys go by the chunks
        for first in range(0, shard.count, chunk):
            part = graphs.cut(episode, first, min(chunk, shard.count - first))
            tables = self.unit(shard).graphs[graph](values, part, fold(key, first))
            found.append({name: table.numpy() for name, table in tables.items()})
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


def task_functions(config: Task, plan_of_task, plan: Plan, cache: Path | None) -> TaskFunctions:
    dtype = tf.as_dtype(plan.spec.train.precision)
    module = executor(config)
    if type(config).from_files:
        return module.functions(config, plan_of_task, plan.spec.train.seed, cache)
    return module.functions(config, dtype)
