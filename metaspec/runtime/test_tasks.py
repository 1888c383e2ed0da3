"""The figures of every test task at the end of a run, kept in its folder: what a paired comparison needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import numpy as safetensors

from metaspec.plan.model import Plan, Shard
from metaspec.runtime import files
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.result import load_parameters

# Fields of a task's data that say something of training tasks alone.
_TRAINING = ("rotations",)


def save(path: Path, plan: Plan, tables: Sequence[Arrays]) -> None:
    """Metrics of the test tasks, each (tasks, steps + 1), in the order of the evaluation's shards.

    A metric that some tasks do not report is NaN there.
    """
    names = dict.fromkeys(name for table in tables for name in table)
    shards = plan.execution.evaluation
    rows = {
        name: np.concatenate(
            [
                table[name] if name in table else np.full((shard.count, plan.evaluation_steps + 1), np.nan, np.float32)
                for table, shard in zip(tables, shards, strict=True)
            ]
        )
        for name in names
    }
    files.replace(path, safetensors.save({name: np.ascontiguousarray(row) for name, row in rows.items()}))


def load(path: Path) -> Arrays:
    """What `save` wrote; empty where a run kept none."""
    return load_parameters(path) if path.exists() else {}


def places(plan: Plan) -> tuple[tuple[Shard, int], ...]:
    """Of each row: the shard it belongs to, and the task's number among those of its block."""
    return tuple(
        (shard, number)
        for shard in plan.execution.evaluation
        for number in range(shard.first, shard.first + shard.count)
    )


def identity(plan: Plan) -> str:
    """A hash that two plans share only where their test tasks are the same, one by one.

    Tasks from files come from the seed, the data and their own numbers; those that a graph draws, from the shards
    besides.
    """
    blocks = []
    for task in plan.evaluated:
        config = plan.spec.tasks[task.name]
        settings = config.model_dump(mode="json")
        if isinstance(settings.get("data"), dict):
            settings["data"] = {name: value for name, value in settings["data"].items() if name not in _TRAINING}
        shards = [each for each in plan.execution.evaluation if each.task == task.name]
        drawn = (
            sum(each.count for each in shards)
            if type(config).from_files
            else [(each.index, each.first, each.count, each.instances) for each in shards]
        )
        blocks.append((settings, drawn))
    content = json.dumps([plan.spec.train.seed, blocks], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()
