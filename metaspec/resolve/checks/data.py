"""Whether the data of a spec is there and large enough. Looks at files, so only what runs asks for it."""

from __future__ import annotations

from metaspec.data.diagnostic import diagnostic
from metaspec.data.errors import DataError
from metaspec.diagnostics import Diagnostic
from metaspec.resolve.resolved import Resolved
from metaspec.spec.kind import Task


def data_problems(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """What keeps episodes from being drawn, at the place of the setting at fault."""
    found: list[Diagnostic] = []
    for name, task in (resolved.spec.tasks if resolved.spec else {}).items():
        if type(task).from_files or type(task).extra:
            found += [_diagnostic(resolved, name, problem) for problem in _problems(resolved, name, task)]
    return tuple(found)


def _problems(resolved: Resolved, name: str, task: Task) -> tuple[DataError, ...]:
    from metaspec.data.task import locate  # NumPy, which a spec without files does not need

    try:
        if not type(task).from_files:
            task.signature(None)  # of what a package knows
            return ()
        location = locate(task.data, resolved.folder(f"{name}.data.path"))
        return task.found(location).problems
    except DataError as failure:
        return (failure,)


def _diagnostic(resolved: Resolved, name: str, problem: DataError) -> Diagnostic:
    paths = [f"{name}.data.{problem.field}", f"{name}.{problem.field}"] if problem.field else []
    block = f"{name}.data" if type(resolved.spec.tasks[name]).from_files else name
    path = next((each for each in paths if each in resolved.provenance), block)
    return diagnostic(problem, resolved.place(path))
