"""Learned items as pictures, and the architecture that a search has found as a block of the language."""

from __future__ import annotations

import numpy as np

from metaspec.plan.derived import derived
from metaspec.report.examples import sheet_of
from metaspec.report.markup import figure, paragraph, preformatted
from metaspec.report.reading import Run
from metaspec.spec.values import Learned

_ACROSS = 10  # pictures of a row


def learned_kinds(run: Run) -> str:
    """What can be looked at; nothing where no such thing is learned."""
    if not run.parameters:
        return ""
    return "\n".join((*_items(run), *_architectures(run)))


def _items(run: Run) -> list[str]:
    """A picture of the learned items of every task whose items are images, a row for each class or ten."""
    found = []
    for task in run.plan.tasks:
        learned = getattr(run.plan.spec.tasks[task.name], "train_on", None)
        if not isinstance(learned, Learned) or len(task.inputs) != 3:
            continue
        items = run.parameters[f"meta/{learned.name}/items"]
        each = len(items) // task.outputs
        text = f"The {len(items)} learned items of {task.name}, {each} of each class, in the order of the classes"
        across = each if each > 1 else min(_ACROSS, len(items))
        found.append(figure(sheet_of(items, across, text), f"{text}; values outside 0..1 are cut off."))
        labels = run.parameters.get(f"meta/{learned.name}/labels")
        if labels is not None:
            own = labels[np.arange(len(items)), np.arange(len(items)) // each]
            found.append(
                paragraph(
                    f"Learned labels give an item's own class {own.mean():.3g} on average, the others "
                    f"{(labels.sum() - own.sum()) / (labels.size - len(items)):.3g}.",
                    "soft",
                )
            )
    return found


def _architectures(run: Run) -> list[str]:
    found = []
    for name, architecture in derived(run.plan, run.parameters).items():
        operations = ", ".join(architecture.ops)
        found.append(paragraph(f"The architecture of {name} that the search has found, to be trained anew:"))
        found.append(preformatted(f"architecture = fixed_ops {{ ops = [{operations}] }}"))
    return found
