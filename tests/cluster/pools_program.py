"""A plan with clusters and a program for it without TensorFlow: pools of quadratic bowls, trained in windows.

Everything a shard carries is checked when it comes back: a trajectory must go on with the instances it began with.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np

from metaspec.kinds.clusters.listed import Listed
from metaspec.kinds.clusters.similar import Similar
from metaspec.kinds.groupings.balanced import Balanced
from metaspec.kinds.inner.sgd import Sgd
from metaspec.kinds.metagrads.unroll import Unroll
from metaspec.kinds.models.linear import Linear
from metaspec.kinds.outers.adam import Adam
from metaspec.kinds.schedules.inline import Inline
from metaspec.kinds.schedules.pool import Pool
from metaspec.kinds.tasks.problems import Problems
from metaspec.kinds.tasks.sinusoid import Sinusoid
from metaspec.plan.clusters import assign, at_once, clusters, with_clusters
from metaspec.plan.model import Estimate, Execution, Instance, MetaTensor, Plan, Shard, TaskPlan
from metaspec.seeds import generator
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec

WIDTH = 30
HEAVY = 600_000_000  # operations of an instance of `large`, three times those of the smallest shard
TASKS = {
    "small": (Problems(set="bowl", instances=3), ("2x1", "2x1", "2x1"), 1_000),
    "large": (Problems(set="quadratic", instances=5), ("20", "25", "25", "25", "100"), HEAVY),
    "other": (Problems(set="two_d", instances=4), ("ackley", "beale", "booth", "branin"), 2_000),
    "sine": (Sinusoid(), ("",), 5_000),
}
BY_HAND = {
    "light": Listed(tasks=("small", "sine")),
    "heavy": Listed(tasks=("large",)),
    "rest": Listed(tasks=("other",)),
}
LOST = "lost for a test"
ALIKE = {"alike": Similar(tasks=tuple(TASKS), count=3, features="gradients", refresh=4)}


def cluster_plan(workers=2, *, declared=None, train=None, groups=None, combine="mean", clip_norm=None, count=4) -> Plan:
    """workers: 0 for the inline schedule. declared: cluster blocks. groups: of a balanced grouping. count: tasks."""
    grouping = Balanced(count=groups, refresh=5) if groups else None
    spec = Spec(
        language=1,
        tasks={name: task for name, (task, _, _) in TASKS.items()},
        clusters=BY_HAND if declared is None else declared,
        models={"net": Linear()},
        inner=Sgd(steps=2),
        metagrad=Unroll(),
        outer=Adam(lr=0.05),
        train=Train(**{"iterations": 14, "tasks": count, "seed": 3, "checkpoint": 3} | (train or {})),
        schedule=Pool(workers=workers, groups=grouping, combine=combine, clip_norm=clip_norm) if workers else Inline(),
        evaluate=Evaluate(tasks=4),
    )
    tasks = tuple(
        TaskPlan(
            name=name,
            inputs=(WIDTH,),
            outputs=1,
            loss="mean_squared_error",
            support=1,
            query=1,
            instances=tuple(Instance(shape=shape, operations=operations) for shape in shapes),
        )
        for name, (_, shapes, operations) in TASKS.items()
    )
    execution = Execution(
        mode="shards",
        stretch=100,
        chunk=4,
        compiled=False,
        shards=(),
        evaluation=(Shard(index=0, task="small", first=0, count=4),),
    )
    found = clusters(spec, tasks, count)
    return Plan(
        name="pools",
        spec=spec,
        tasks=tasks,
        parameters=(),
        meta=(MetaTensor(key="w", meta_parameter="w", shape=(WIDTH,), start="random"),),
        steps=2,
        evaluation_steps=2,
        tasks_per_iteration=count * at_once(spec, found),
        execution=with_clusters(spec, tasks, execution, found),
        estimate=Estimate(operations=0, memory=0, exchanged=0),
        reasons=(),
    )


class Program:
    def __init__(self, plan: Plan, cache: Path) -> None:
        self.plan, self.cache = plan, cache

    def start(self):
        return {"meta/w": generator(3, "start").normal(size=WIDTH).astype(np.float32)}

    def gradient(self, meta, iteration: int, shard: Shard, carried=None):
        began, done, total = carried["trajectory"].tolist() if carried else (iteration, 0, 0)
        if done == total:
            number = shard.index - shard.first  # one for all shards of a cluster
            began, done, total = iteration, 0, int(generator(3, "windows", iteration, number).integers(1, 4))
        if done == 0:
            moving = np.zeros((shard.count, WIDTH), np.float32)
        else:
            if tuple(carried["instances"].tolist()) != shard.instances:
                raise ValueError(f"shard {shard.index} began with {carried['instances']}, not {shard.instances}")
            moving = carried["moving"]
        slopes = [self.slope(meta["meta/w"], shard, place, began) for place in range(shard.count)]
        moving = np.float32(0.5) * moving + np.stack(slopes)
        sums = np.zeros(WIDTH, np.float32)
        for row in moving:
            sums = sums + row
        marks = {"trajectory": np.array([began, done + 1, total]), "instances": np.array(shard.instances, np.int64)}
        return {"meta/w": sums}, {"query_loss": float(np.sum(sums**2))}, marks | {"moving": moving}

    def slope(self, weights, shard: Shard, place: int, began: int):
        """Of a bowl whose minimum is the instance's own, with noise of its own for each trajectory."""
        instance = shard.instances[place] if shard.instances else 0
        minimum = generator(1, shard.task, instance).normal(size=WIDTH)
        noise = generator(2, shard.task, instance, began, shard.first + place).normal(size=WIDTH)
        return (weights - minimum + 0.1 * noise).astype(np.float32)

    def features(self, meta, kind: str, iteration: int, shard: Shard):
        """The direction of the block, which changes at meta-iteration 8, and a little of the instance."""
        family = sorted(TASKS).index(shard.task)
        if iteration >= 8 and shard.task == "small":
            family = sorted(TASKS).index("large")
        own = generator(5, shard.task, *shard.instances).normal(size=WIDTH)
        return np.eye(WIDTH)[[family]] + 0.05 * own[np.newaxis] + 0.001 * meta["meta/w"][np.newaxis]

    def assign(self, block, features, iteration):
        return assign(self.plan, block, features, iteration)

    def update(self, state, gradient, iteration: int):
        mean = gradient["meta/w"] / np.float32(self.plan.tasks_per_iteration)
        norm = {"gradient_norm": float(np.sqrt(np.sum(mean**2)))}
        return {"meta/w": state["meta/w"] - np.float32(0.1) * mean}, norm

    def evaluate(self, meta, split: str, iteration: int, shard: Shard):
        rows = [[np.sum(self.slope(meta["meta/w"], shard, place, 0) ** 2)] * 3 for place in range(shard.count)]
        return {"query_loss": np.array(rows, np.float32)}


class Deadly(Program):
    """Each worker's third shard of a kind kills it, once for each kind."""

    def gradient(self, meta, iteration, shard, carried=None):
        mark = self.cache / f"killed-{shard.cluster}"
        if iteration >= 2 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().gradient(meta, iteration, shard, carried)

    def features(self, meta, kind, iteration, shard):
        mark = self.cache / f"killed-features-{iteration}"
        if shard.task == "other" and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().features(meta, kind, iteration, shard)


class Losing(Program):
    """The second place of every cluster is lost at every attempt of two meta-iterations out of three."""

    def gradient(self, meta, iteration, shard, carried=None):
        if iteration % 3 > 0 and shard.first == 1:
            raise RuntimeError(LOST)
        return super().gradient(meta, iteration, shard, carried)


class Sleeping(Program):
    """Takes 4 ms for each task, and 36 for each of `other`, which was declared to be cheap."""

    def gradient(self, meta, iteration, shard, carried=None):
        time.sleep(shard.count * (0.036 if shard.task == "other" else 0.004))
        return super().gradient(meta, iteration, shard, carried)
