"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def distance(a: str, b: str) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions and swaps of two
    neighbours, each stretch edited once.

    For the short names of a spec it finds `trian` -> `train` with one edit, where similarity ratios
    prefer longer names. Time and memory: len(a) * len(b).
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row_before = row, before
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, row_before[j - 2] + 1)
            row.append(cost)
        before = above
    return row[-1]


def suggest(name: str, legal: Iterable[str]) -> str | None:
    """The nearest of the names that are legal at the place, or None when none is near.

    At most `max(1, min(len(name) // 2, 3))` edits away; letter case is free; of equally near names
    the first in the order given wins.
    """
    limit = max(1, min(len(name) // 2, 3))
    found: str | None = None
    best = limit + 1
    for candidate in legal:
        if candidate == name or abs(len(candidate) - len(name)) > limit:
            continue
        edits = 0 if candidate.lower() == name.lower() else distance(name, candidate)
        if edits < best:
            found, best = candidate, edits
    return found


# What other programs and papers call a thing of this language.
_OTHER_NAMES = {
    "query": ("queries",),
    "num_queries": ("queries",),
    "q_query": ("queries",),
    "shot": ("shots",),
    "k_shot": ("shots",),
    "support": ("shots",),
    "way": ("ways",),
    "n_way": ("ways",),
    "learning_rate": ("lr",),
    "step_size": ("lr",),
    "alpha": ("lr",),
    "meta_lr": ("lr",),
    "epochs": ("iterations",),
    "epoch": ("iterations",),
    "num_iterations": ("iterations",),
    "meta_iterations": ("iterations",),
    "batch_size": ("tasks",),
    "meta_batch_size": ("tasks",),
    "inner_steps": ("steps",),
    "num_steps": ("steps",),
    "weight_decay": ("l2",),
    "num_workers": ("workers",),
    "random_seed": ("seed",),
}


def called_here(name: str, legal: Iterable[str]) -> str | None:
    """The name that this language has for what is called `name` elsewhere, where it is legal; else None."""
    known = set(legal)
    return next((each for each in _OTHER_NAMES.get(name.lower(), ()) if each in known and each != name), None)
