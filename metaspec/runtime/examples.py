"""Example tasks of a finished run for its report: computed by one worker, and kept in the run's folder."""

from __future__ import annotations

from dataclasses import replace

from metaspec.data.store import cache_folder
from metaspec.kinds import registry
from metaspec.plan.model import Plan, TaskPlan
from metaspec.runtime import result
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.driver import PRELOAD
from metaspec.runtime.engine import Setting, call, open_engine
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.signals import listen

FACTORY = "metaspec.backend.examples:Examples"


def shows(task: TaskPlan) -> bool:
    """Whether an episode of this task can be drawn: pictures in classes, or a function of one number."""
    return (bool(task.classes) and len(task.inputs) == 3) or (task.inputs == (1,) and task.outputs == 1)


def shown_steps(plan: Plan) -> tuple[int, ...]:
    """Before adaptation, after the steps of training, and after the last evaluated step."""
    return tuple(sorted({0, min(plan.steps, plan.evaluation_steps), plan.evaluation_steps}))


def examples(plan: Plan, place: RunFolder, meta: Arrays) -> Arrays:
    """The first test task of each task block that can be drawn, by TASK/NAME (see `backend.examples`).

    Computed where they are not in the folder yet. Raises RunError where nothing can compute them.
    """
    path = place.path / "examples.safetensors"
    if path.exists():
        return result.load_parameters(path)
    found = {}
    names = [task.name for task in plan.tasks if shows(task)]
    if names:
        pool = registry.load("schedules", "pool")(workers=1)
        alone = plan.model_copy(update={"spec": plan.spec.model_copy(update={"schedule": pool})})
        with listen() as signals:
            setting = Setting(alone, FACTORY, PRELOAD, cache_folder(), place.log, lambda event: None, signals)
            with open_engine(setting) as engine:
                broadcast = Broadcast(1, meta)
                for name in names:
                    arrays = call(engine, _request(plan, name, broadcast))
                    found |= {f"{name}/{key}": array for key, array in arrays.items()}
    result.save_parameters(path, found)
    return found


def _request(plan: Plan, name: str, meta: Broadcast) -> Request:
    shard = next(shard for shard in plan.execution.evaluation if shard.task == name)
    first = shard.model_copy(update={"count": 1})
    return replace(Request("examples", ("test", first, shown_steps(plan)), f"an example of {name}"), meta=meta)
