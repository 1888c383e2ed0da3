"""Example tasks of a finished run for its report: computed by one worker, and kept in the run's folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from metaspec.data.store import cache_folder
from metaspec.kinds.schedules.pool import Pool
from metaspec.plan.model import Plan, Shard, TaskPlan
from metaspec.runtime import result, test_tasks
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.driver import PRELOAD
from metaspec.runtime.engine import Setting, call, open_engine
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.signals import listen

FACTORY = "metaspec.backend.examples:Examples"
WORST, SHOWN_WORST = "worst ", 3


def shows(plan: Plan, task: TaskPlan) -> bool:
    """Whether an episode of this task can be drawn: pictures in classes, or a function of one number.

    Not a whole data set, whose items do not come class by class.
    """
    if plan.spec.tasks[task.name].trains:
        return False
    line = task.inputs == (1,) and task.outputs == 1 and task.loss != "return"
    return (bool(task.classes) and len(task.inputs) == 3) or line


def shown_steps(plan: Plan) -> tuple[int, ...]:
    """Before adaptation, after the steps of training, and after the last evaluated step."""
    return tuple(sorted({0, min(plan.steps, plan.evaluation_steps), plan.evaluation_steps}))


def examples(plan: Plan, place: RunFolder, meta: Arrays) -> Arrays:
    """The first test task of each task block that can be drawn, by TASK/NAME (see `backend.examples`).

    Of pictures also the tasks with the worst figures after the last step, by TASK/worst PLACE/NAME. Computed where
    they are not in the folder yet. Raises RunError where nothing can compute them.
    """
    path = place.path / "examples.safetensors"
    if path.exists():
        return result.load_parameters(path)
    found: Arrays = {}
    names = [task.name for task in plan.evaluated if shows(plan, task)]
    if names:
        pool = Pool(workers=1)
        alone = plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": pool})})
        with listen() as signals:
            setting = Setting(alone, FACTORY, PRELOAD, cache_folder(), place.log, lambda event: None, signals)
            with open_engine(setting) as engine:
                broadcast = Broadcast(1, meta)
                for name in names:
                    arrays = call(engine, _request(plan, name, broadcast))
                    found |= {f"{name}/{key}": array for key, array in arrays.items()}
                for name, place_, shard in worst(plan, test_tasks.load(place.test_tasks)):
                    arrays = call(engine, _alone(plan, shard, broadcast))
                    found |= {f"{name}/{WORST}{place_}/{key}": array for key, array in arrays.items()}
    result.save_parameters(path, found)
    return found


def _request(plan: Plan, name: str, meta: Broadcast) -> Request:
    shard = next(shard for shard in plan.execution.evaluation if shard.task == name)
    return _alone(plan, shard.model_copy(update={"count": 1}), meta)


def _alone(plan: Plan, shard: Shard, meta: Broadcast) -> Request:
    name = f"an example of {shard.task} (task {shard.first})"
    return replace(Request("examples", ("test", shard, shown_steps(plan)), name), meta=meta)


def worst(plan: Plan, figures: Arrays) -> Iterator[tuple[str, int, Shard]]:
    """The tasks of the lowest accuracy after the last step, the higher loss first where it is the same.

    For each task block of pictures: its name, the place from 0, and a shard of that task alone. Only tasks from files
    can be drawn one by one.
    """
    if "accuracy" not in figures:
        return
    order = np.lexsort((-figures["query_loss"][:, -1], figures["accuracy"][:, -1]))
    places = test_tasks.places(plan)
    for task in plan.evaluated:
        if not (shows(plan, task) and task.classes):
            continue
        rows = [row for row in order.tolist() if places[row][0].task == task.name]
        for place, row in enumerate(rows[:SHOWN_WORST]):
            shard, number = places[row]
            yield task.name, place, shard.model_copy(update={"first": number, "count": 1})
