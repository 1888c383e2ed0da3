"""What a finished run has learned, used: adapted to a few labelled items of your own, then asked about others."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from metaspec.diagnostics import error
from metaspec.plan.model import Plan, TaskPlan
from metaspec.report.reading import read
from metaspec.runtime.errors import RunError
from metaspec.runtime.pools.inline import stderr_into

if TYPE_CHECKING:
    from PIL.Image import Image

    from metaspec.spec.kind import Data

Item = Union[np.ndarray, Path, str, "Image"]
"""An array of the item's shape; for a model of pictures also a file, or an image of Pillow."""

FEW = 8  # items that are asked about together at least: a graph is made for each number, so numbers are rounded up


def learner(run: Path | str, task: str | None = None, allow_python: bool = False) -> Learner:
    """The learner that a run has trained, from its folder alone: the training data need not be there.

    task: which task block the items are like, where the spec has several. allow_python: let the run's own Python
    modules be imported. Raises RunError where there is no finished run (E0709, E0708), or one whose tasks have no
    items to be labelled (E0715).
    """
    found = read(Path(run), allow_python)
    if found.result is None:
        message = f"the run in {run} is not finished"
        raise RunError(error("E0708", message, help=("let it finish with --resume first",)))
    chosen = _task(found.plan, task)
    loaded = "tensorflow" in sys.modules
    with nullcontext() if loaded else stderr_into(Path(os.devnull)):  # TensorFlow greets whoever loads it
        backend = import_module("metaspec.backend.adaptation")
    return Learner(found.plan, chosen, backend.Adaptation(found.plan, found.parameters))


def _task(plan: Plan, name: str | None) -> TaskPlan:
    known = {task.name: task for task in plan.tasks}
    if name is not None and name not in known:
        raise _unusable(f"there is no task block `{name}`", f"name one of {', '.join(known)}")
    if name is None and len(known) > 1:
        raise _unusable("its spec has several task blocks", f"name one with `task`: {', '.join(known)}")
    task = known[name or next(iter(known))]
    kind = plan.spec.tasks[task.name]
    if kind.brings_model or kind.trains or kind.sequences or task.loss == "return":
        raise _unusable(
            f"a task of `{kind.name}` has no labelled items to adapt to",
            "learners are made of tasks that have, such as `fewshot` and `sinusoid`",
        )
    return task


def _unusable(message: str, way_out: str) -> RunError:
    return RunError(error("E0715", f"no learner can be made of the run: {message}", help=(way_out,)))


class Learner:
    """A learned model with its inner algorithm. Made by `metaspec.learner`.

    `item_shape` is that of one item; `ways` the number of classes of a task, None for regression; `steps` the inner
    steps that are taken where nobody says how many: those of the run's evaluation.
    """

    def __init__(self, plan: Plan, task: TaskPlan, adaptation: Any) -> None:
        self._plan, self._adaptation = plan, adaptation
        self._data: Data | None = getattr(plan.spec.tasks[task.name], "data", None)
        self.item_shape: tuple[int, ...] = task.inputs
        self.ways: int | None = task.outputs if task.loss == "cross_entropy" else None
        self.outputs: int = task.outputs
        self.steps: int = plan.evaluation_steps

    def adapt(self, items: Sequence[Item] | np.ndarray, targets: Sequence[Any], steps: int | None = None) -> Adapted:
        """The model adapted to labelled items, in any order.

        targets: for each item its class, any name or number, as many different ones as the task has `ways`; for
        regression its numbers, (items, outputs) or, where there is one output, (items,). Classes may have unequal
        numbers of items. Raises ValueError where items and targets do not fit the model.
        """
        number = self.steps if steps is None else steps
        if number < 0:
            raise ValueError(f"steps are {number}, and must be 0 or more")
        inputs = self.items(items)
        if len(inputs) != len(targets):
            raise ValueError(f"there are {len(inputs)} items and {len(targets)} targets; each item has one")
        if self.ways is None:
            values = np.asarray(targets, dtype=np.float64).reshape(len(inputs), -1)
            if values.shape[1] != self.outputs:
                raise ValueError(f"a target has {values.shape[1]} numbers, and the model gives {self.outputs}")
            support = self._adaptation.support(inputs, values.astype(self._plan.spec.train.precision), None)
            return Adapted(self, support, self._adaptation.adapt(support, number), number, None)
        classes = tuple(dict.fromkeys(targets))
        if len(classes) != self.ways:
            count = f"{len(classes)} class" + ("" if len(classes) == 1 else "es")
            raise ValueError(f"the items are of {count}, and the model was trained to tell {self.ways} from each other")
        places, weights = _class_by_class([classes.index(target) for target in targets], self.ways)
        labels = np.repeat(np.arange(self.ways, dtype=np.int32), len(places) // self.ways)
        support = self._adaptation.support(inputs[places], labels, weights)
        return Adapted(self, support, self._adaptation.adapt(support, number), number, classes)

    def items(self, given: Sequence[Item] | np.ndarray) -> np.ndarray:
        """Items as the model takes them, (items, *item_shape): bytes 0 .. 255, or numbers.

        Pictures are turned, coloured and resized as those of the run were. Raises ValueError.
        """
        if isinstance(given, (str, Path)):
            raise ValueError(f"items are a list or an array; for the one picture {given} write [{str(given)!r}]")
        rows = [self._item(each) for each in given]
        if not rows:
            raise ValueError("there are no items")
        items = np.stack(rows)
        precision = self._plan.spec.train.precision
        return items if items.dtype == np.uint8 and len(self.item_shape) == 3 else items.astype(precision)

    def _item(self, given: Item) -> np.ndarray:
        if isinstance(given, (str, Path)):
            return self._picture(Path(given).read_bytes(), str(given))
        if hasattr(given, "save") and not isinstance(given, np.ndarray):
            content = io.BytesIO()
            given.save(content, "PNG")
            return self._picture(content.getvalue(), "an image of Pillow")
        item = np.asarray(given)
        if item.shape not in (self.item_shape, self.item_shape[:-1] if self.item_shape[-1:] == (1,) else None):
            raise ValueError(f"an item has the shape {item.shape}, and the model takes {self.item_shape}")
        if not (np.issubdtype(item.dtype, np.number) or item.dtype == bool):
            raise ValueError(f"an item holds {item.dtype}, and the model takes numbers")
        return item.reshape(self.item_shape)

    def _picture(self, content: bytes, name: str) -> np.ndarray:
        from metaspec.data.errors import DataError

        try:
            item = self._data.picture(content, name) if self._data is not None else None
        except DataError as problem:
            raise ValueError(str(problem)) from problem
        if item is None:
            raise ValueError(f"the model does not take pictures from files: give arrays of the shape {self.item_shape}")
        return item


def _class_by_class(labels: Sequence[int], ways: int) -> tuple[np.ndarray, np.ndarray | None]:
    """Places of the items, class after class, and their weights, where classes have unequal numbers.

    A class with fewer items repeats its first one with the weight 0, as a task of the run would.
    """
    own = [[place for place, label in enumerate(labels) if label == number] for number in range(ways)]
    most = max(map(len, own))
    places = np.array([place for each in own for place in each + each[:1] * (most - len(each))])
    weights = np.array([float(number < len(each)) for each in own for number in range(most)])
    return places, None if weights.all() else weights


@dataclass(frozen=True, eq=False)
class Adapted:
    """A learner after its inner steps on one task. `classes` are in the order of the outputs; None for regression."""

    learner: Learner
    _support: Any = field(repr=False)
    _state: Any = field(repr=False)
    steps: int
    classes: tuple[Hashable, ...] | None

    def predict(self, items: Sequence[Item] | np.ndarray, together: bool = False) -> Any:
        """The class of each item, a list; for regression numbers, (items, outputs).

        together: let a model with `norm = batch` normalise all these items by their common statistics, as in training
        and in most published figures. Else each item is looked at beside the labelled ones alone, and what is said of
        it does not depend on what else is asked.
        """
        outputs = self.outputs(items, together)
        if self.classes is None:
            return outputs
        return [self.classes[place] for place in outputs.argmax(axis=1)]

    def probabilities(self, items: Sequence[Item] | np.ndarray, together: bool = False) -> np.ndarray:
        """The softmax of the outputs, (items, classes), in the order of `classes`. Raises ValueError for regression."""
        if self.classes is None:
            raise ValueError("a regression has no classes; `predict` gives its numbers")
        outputs = self.outputs(items, together).astype(np.float64)
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def outputs(self, items: Sequence[Item] | np.ndarray, together: bool = False) -> np.ndarray:
        """What the model says of each item, (items, outputs), before any softmax."""
        asked = self.learner.items(items)
        plan, adaptation = self.learner._plan, self.learner._adaptation
        depend = any(model.batch_statistics for model in plan.spec.models.values())
        count = len(asked)
        if not (depend and together):  # copies of the last item fill the places up: nothing depends on them
            places = max(FEW, 1 << (count - 1).bit_length())
            asked = np.concatenate([asked, np.repeat(asked[-1:], places - count, axis=0)])
        return adaptation.outputs(self._support, self._state, asked, self.steps, depend and not together)[:count]
