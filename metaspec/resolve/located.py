"""Files that a spec names: a path is relative to the file that holds it, and not to the one that is run."""

from __future__ import annotations

from pathlib import Path

from metaspec.resolve.loaded import with_folders, with_run
from metaspec.resolve.resolved import Resolved
from metaspec.spec.kind import Task
from metaspec.spec.spec import Spec


def located(resolved: Resolved) -> Spec:
    """The spec for a plan, in which a path held by a file of another folder is absolute, where it leads somewhere, and
    every run that values are loaded from.

    Raises SpecError for a spec with errors.
    """
    spec = resolved.required()
    tasks = {name: _located(resolved, name, task) for name, task in spec.tasks.items()}
    inner = with_folders(spec.inner, resolved.folder("inner"))
    outer = with_run(spec.outer, resolved.folder("outer"))
    if tasks == spec.tasks and inner is spec.inner and outer is spec.outer:
        return spec
    return spec.model_copy(update={"tasks": tasks, "inner": inner, "outer": outer})


def _located(resolved: Resolved, name: str, task: Task) -> Task:
    data = getattr(task, "data", None)
    path = getattr(data, "path", None)
    folder = resolved.folder(f"{name}.data.path")
    if data is None or path is None or Path(path).is_absolute() or folder == resolved.folder(""):
        return task
    beside = folder / path
    if not beside.exists() and not beside.with_name(beside.name + ".zip").exists():
        return task
    return task.model_copy(update={"data": data.model_copy(update={"path": str(beside)})})
