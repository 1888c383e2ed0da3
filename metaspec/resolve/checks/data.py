"""Whether the data of a spec is there and large enough. Looks at files, so only what runs asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from metaspec.data.diagnostic import diagnostic
from metaspec.data.errors import DataError
from metaspec.diagnostics import Diagnostic, warning
from metaspec.resolve.resolved import Resolved
from metaspec.spec.kind import Task

if TYPE_CHECKING:
    from metaspec.data.classes import ClassTable  # brings NumPy, which a spec without files does not need

_SHOWN = 2  # names that a message lists


def data_problems(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """What keeps episodes from being drawn, at the place of the setting at fault."""
    found: list[Diagnostic] = []
    for name, task in (resolved.spec.tasks if resolved.spec else {}).items():
        if type(task).from_files or type(task).extra:
            found += _of_task(resolved, name, task)
    return tuple(found)


def _of_task(resolved: Resolved, name: str, task: Task) -> list[Diagnostic]:
    from metaspec.data.headers import header_problems
    from metaspec.data.store import cache_problem
    from metaspec.data.task import locate  # NumPy, which a spec without files does not need

    try:
        if not type(task).from_files:
            task.signature(None)  # of what a package knows
            return []
        found = task.found(locate(task.data, resolved.folder(f"{name}.data.path")), resolved.required().parts)
        source = getattr(found, "source", None)
        problems = [*found.problems, *header_problems(source, found.table)]
        unkept = cache_problem(source, found.table) if source is not None else None
        problems += [unkept] if unkept else []
    except DataError as failure:
        return [_diagnostic(resolved, name, failure)]
    return [
        *(_diagnostic(resolved, name, each) for each in problems),
        *_pooled(resolved, name, task, found.table),
        *_passed_over(resolved, name, found.table),
    ]


def _pooled(resolved: Resolved, name: str, task: Task, table: ClassTable) -> list[Diagnostic]:
    """Folders of the user's own for training, validation and test, which the spec's split does not look at."""
    from metaspec.data.folders import found_in, listed

    if "split" not in type(task.data).model_fields or task.data.split.by_folder or len(found_in(table)) < 2:
        return []
    shared = sum(bool(entry.spread) for entry in table.classes)
    divides = "`validation` and `test` divide the items of each class" if task.trains else "`split` divides the classes"
    if shared and not task.trains:
        way_out = (
            "`split = folders {}` would take the folders as the parts, but "
            + ("1 class is" if shared == 1 else f"{shared} classes are")
            + " in several of them: move each class into one folder first"
        )
    else:
        way_out = "write `split = folders {}` in `data` to take the folders as the parts"
    message = f"what lies in the folders {listed(found_in(table))} is pooled, and {divides} anew"
    return [warning("W0111", message, resolved.place(f"{name}.data.split"), help=(way_out,))]


def _passed_over(resolved: Resolved, name: str, table: ClassTable) -> Iterator[Diagnostic]:
    """Folders that are no classes for want of a picture, and files that are no pictures by their names."""
    others, place = getattr(table, "passed_over", None), resolved.place(f"{name}.data.path")
    if others and others.folders:
        shown = [f"{folder} ({_other_files(count)})" for folder, count in others.folders.items()]
        one = len(shown) == 1
        yield warning(
            "W0113",
            f"{_first(shown, 'folders')} {'holds no picture and is no class' if one else 'hold no picture and are no classes'}",
            place,
            help=(f"put pictures into {'it' if one else 'them'}, or remove {'it' if one else 'them'}",),
        )
    if others and others.files:
        one = len(others.files) == 1
        yield warning(
            "W0113",
            f"{_first(others.files, 'files')} {'is' if one else 'are'} passed over: by the ending of the name no "
            f"picture{'' if one else 's'}",
            place,
            help=("end the names of pictures as their format does, such as .png, or remove what is none",),
        )


def _other_files(count: int) -> str:
    return "empty" if count == 0 else "1 other file" if count == 1 else f"{count} other files"


def _first(names: Sequence[str], what: str) -> str:
    """All of few names; of many their number and the first."""
    *most, last = names[:_SHOWN]
    if len(names) > _SHOWN:
        return f"{len(names)} {what}, such as {names[0]},"
    return f"{', '.join(most)} and {last}" if most else last


def _diagnostic(resolved: Resolved, name: str, problem: DataError) -> Diagnostic:
    paths = [f"{name}.data.{problem.field}", f"{name}.{problem.field}"] if problem.field else []
    block = f"{name}.data" if type(resolved.spec.tasks[name]).from_files else name
    path = next((each for each in paths if each in resolved.provenance), block)
    return diagnostic(problem, resolved.place(path))
