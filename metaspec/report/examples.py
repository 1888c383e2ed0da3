"""A test task to look at: a function with its fit, or an episode with predictions, before and after adaptation."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from metaspec.plan.model import TaskPlan
from metaspec.report.chart import Series, line_chart
from metaspec.report.markup import charts, figure
from metaspec.report.reading import Run
from metaspec.runtime.arrays import Arrays
from metaspec.runtime.examples import WORST, shown_steps

_RIGHT, _WRONG, _GIVEN, _PAPER = (44, 122, 75), (200, 50, 40), (120, 130, 140), (255, 255, 255)
_FRAME, _GAP = 2, 2  # pixels
_WIDEST = 560  # pixels of a sheet
_LARGEST = 4  # times that the pictures of a sheet of learned items are magnified


def examples(run: Run) -> str:
    """The tasks of `run.examples`; nothing where there are none."""
    return "\n".join(
        _task(
            run,
            task,
            {key.partition("/")[2]: array for key, array in run.examples.items() if key.startswith(f"{task.name}/")},
        )
        for task in run.plan.evaluated
        if f"{task.name}/outputs" in run.examples
    )


def worst(run: Run) -> str:
    """The test tasks with the lowest accuracy after the last step, as pictures; nothing where there are none."""
    names = dict.fromkeys(key.rpartition("/")[0] for key in run.examples if f"/{WORST}" in key)
    sheets = []
    for name in names:
        task = next(task for task in run.plan.tasks if task.name == name.partition("/")[0])
        arrays = {key.rpartition("/")[2]: array for key, array in run.examples.items() if key.startswith(f"{name}/")}
        sheets.append(list(_episodes(task, arrays, shown_steps(run.plan)))[-1])
    return charts(*sheets)


def _task(run: Run, task: TaskPlan, arrays: Arrays) -> str:
    steps = shown_steps(run.plan)
    if "line" in arrays:
        return figure(
            _function(arrays, steps),
            f"A test task of {task.name}: what the model makes of "
            f"{task.support} support points, before adaptation and after it.",
        )
    return charts(*_episodes(task, arrays, steps))


# --- A function of one number --------------------------------------------------------------------


def _function(arrays: Arrays, steps: tuple[int, ...]) -> str:
    line = arrays["line"].tolist()
    fits = [Series(_after(step), line, arrays["line_outputs"][place, 0].tolist()) for place, step in enumerate(steps)]
    points = [
        Series(
            part,
            arrays[f"{part}_inputs"][0, :, 0].tolist(),
            arrays[f"{part}_targets"][0, :, 0].tolist(),
            points=True,
            line=False,
        )
        for part in ("support", "query")
    ]
    return line_chart([*points, *fits], "input", "output", logarithmic=False)


def _after(step: int) -> str:
    return "before" if step == 0 else f"{step} step{'' if step == 1 else 's'}"


# --- An episode of pictures ----------------------------------------------------------------------


def _episodes(task: TaskPlan, arrays: Arrays, steps: tuple[int, ...]) -> Iterator[str]:
    """One picture before adaptation and one after the last step."""
    targets = arrays["query_targets"][0]
    for place in (0, len(steps) - 1):
        right = arrays["outputs"][place, 0].argmax(-1) == targets
        when = "Before adaptation" if place == 0 else f"After {_after(steps[place])}"
        text = (
            f"{when}: a row for each class, support on the left, then the query items, framed green where they are "
            f"predicted right and red where not: {int(right.sum())} of {len(right)} right."
        )
        sheets = _sheets(arrays, right, task.outputs)
        counts = [f"{int(own.sum())} of {len(own)}" for own in np.split(right, task.outputs)]
        names = _names(arrays) or [f"class {way + 1}" for way in range(task.outputs)]
        rows = (
            f"<tr><th>{escape(name)}</th><td>{_picture(sheet, f'{name}: {count} right')}</td><td>{count}</td></tr>"
            for name, sheet, count in zip(names, sheets, counts, strict=True)
        )
        yield figure(f'<div class="scroll"><table class="episode">{"".join(rows)}</table></div>', text)


def _names(arrays: Arrays) -> list[str]:
    return arrays["class_names"].tobytes().decode("utf-8").split("\n") if "class_names" in arrays else []


def _sheets(arrays: Arrays, right: np.ndarray, ways: int) -> list[Image.Image]:
    """A picture for each class."""
    support, query = (_colored(arrays[f"{part}_inputs"][0]) for part in ("support", "query"))
    there = arrays["support_weights"][0] if "support_weights" in arrays else np.ones(len(support))
    rows = []
    for way in range(ways):
        shots, asked = len(support) // ways, len(query) // ways
        own = range(way * shots, (way + 1) * shots), range(way * asked, (way + 1) * asked)
        cells = [_framed(support[place], _GIVEN) if there[place] else _blank(support[place]) for place in own[0]]
        cells.append(np.full((len(cells[0]), 4 * _GAP, 3), _PAPER, np.uint8))
        cells += [_framed(query[place], _RIGHT if right[place] else _WRONG) for place in own[1]]
        rows.append(np.concatenate(cells, axis=1))
    magnify = max(1, min(3, _WIDEST // rows[0].shape[1]))
    return [Image.fromarray(row.repeat(magnify, axis=0).repeat(magnify, axis=1)) for row in rows]


def sheet_of(items: np.ndarray, across: int, text: str) -> str:
    """Items (items, h, w, 1 or 3) with `across` of them in a row; `text` stands for the picture."""
    cells = [_framed(item, _GIVEN) for item in _colored(items)]
    cells += [np.full_like(cells[0], _PAPER[0])] * (-len(cells) % across)
    rows = [np.concatenate(cells[first : first + across], axis=1) for first in range(0, len(cells), across)]
    whole = np.concatenate(rows, axis=0)
    magnify = max(1, min(_LARGEST, _WIDEST // whole.shape[1]))
    return _picture(Image.fromarray(whole.repeat(magnify, axis=0).repeat(magnify, axis=1)), text)


def _colored(items: np.ndarray) -> np.ndarray:
    """(items, h, w, 1 or 3) -> bytes in three channels; drawings in one channel become dark on white."""
    pictures = items if items.dtype == np.uint8 else (np.clip(items, 0, 1) * 255 + 0.5).astype(np.uint8)
    return (255 - pictures).repeat(3, axis=-1) if pictures.shape[-1] == 1 else pictures


def _framed(picture: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    height, width, _ = picture.shape
    outer = np.full((height + 2 * (_FRAME + _GAP), width + 2 * (_FRAME + _GAP), 3), _PAPER, np.uint8)
    outer[_GAP:-_GAP, _GAP:-_GAP] = color
    outer[_GAP + _FRAME : -_GAP - _FRAME, _GAP + _FRAME : -_GAP - _FRAME] = picture
    return outer


def _blank(picture: np.ndarray) -> np.ndarray:
    """The place of a picture that a class with fewer shots leaves empty."""
    return np.full_like(_framed(picture, _PAPER), 255)


def _picture(sheet: Image.Image, text: str) -> str:
    stream = BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    source = f"data:image/png;base64,{b64encode(stream.getvalue()).decode('ascii')}"
    return f'<img class="sheet" src="{source}" width="{sheet.width}" height="{sheet.height}" alt="{escape(text)}">'
