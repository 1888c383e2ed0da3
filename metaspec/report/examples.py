"""A test task to look at: the items of an episode, a row for each class."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from pathlib import Path

from metaspec.data.episodes import draw_episodes
from metaspec.data.errors import DataError
from metaspec.data.gather import gather_episodes
from metaspec.data.preview import episode_sheet
from metaspec.data.store import open_store
from metaspec.data.task import task_data
from metaspec.plan.model import TaskPlan
from metaspec.report.markup import figure, paragraph
from metaspec.report.reading import Run

_WIDEST = 900  # pixels of a sheet


def examples(run: Run) -> str:
    """The first test task of each task block whose items are pictures; nothing for other tasks."""
    return "\n".join(_episode(run, task) for task in run.plan.tasks
                     if hasattr(run.plan.spec.tasks[task.name], "episode_shape") and len(task.inputs) == 3)


def _episode(run: Run, task: TaskPlan) -> str:
    config = run.plan.spec.tasks[task.name]
    shape = config.episode_shape()
    try:
        found = task_data(config.data, shape, Path(task.location) if task.location else None)
        store = open_store(found.source, verify=False)
    except DataError as problem:  # the data moved since; the rest of the report does not need them
        return paragraph(f"The items of {task.name} cannot be shown: {problem.message}.", "soft")
    drawn = draw_episodes(found.pools.test, shape, run.plan.spec.train.seed, "tasks/test", 0, range(1))
    batch = gather_episodes(store.items, drawn)
    columns = config.shots + config.queries
    magnify = max(1, min(3, _WIDEST // (columns * (task.inputs[1] + 2))))
    sheet = episode_sheet(batch, 0, config.ways, magnify, invert=task.inputs[2] == 1)
    stream = BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    source = f"data:image/png;base64,{b64encode(stream.getvalue()).decode('ascii')}"
    text = (f"The first test task of {task.name}: a row for each of its {config.ways} classes, {config.shots} to learn "
            f"from on the left, {config.queries} to predict on the right.")
    picture = f'<img class="sheet" src="{source}" width="{sheet.width}" height="{sheet.height}" alt="{escape(text)}">'
    return figure(picture, text)
