"""What `benchmarks.paper_001` trains: a table for each figure of the thesis, a row for each of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).resolve().parent / "specs" / "paper_001"
RATIOS = (1, 2, 4, 8, 16)
TASKS = 32  # of one outer update (its Table 5.1)
GENERATORS = {"mean": "mean", "weighted": "loss_weighted", "median": "loss_median", "moving average": "loss_average {}"}
OUTER_STATES = ("keep", "merge", "reset")


@dataclass(frozen=True)
class Row:
    """A line of a figure. Rows of one `run` are the same run, which is made once. ratio: of seen tasks (its Table 6.2)."""

    name: str
    run: str
    overrides: tuple[str, ...]
    ratio: int | None = None


@dataclass(frozen=True)
class Table:
    """thesis: what it says of the figure, whose values are given as pictures only."""

    name: str
    title: str
    rows: tuple[Row, ...]
    thesis: str
    spec: str = "characters"


def exchange(**fields: object) -> str:
    inside = ", ".join(f"{name} = {value}" for name, value in fields.items())
    return f"schedule.exchange=weights {{ {inside} }}"


def copies(number: int, epochs: int = 1, tasks: int = 1, **fields: object) -> Row:
    """Copies, epochs and tasks of an update, the last as a multiple; all 1 is plain MAML, whose run many tables share."""
    scaled = {"copies": number, "epochs": epochs, "tasks": tasks}
    words = [f"{TASKS * n if what == 'tasks' else n} {what}" for what, n in scaled.items() if n > 1]
    name = ", ".join(words) or "plain"
    overrides = [] if number == epochs == 1 else [exchange(copies=number, epochs=epochs, **fields)]
    overrides += [f"train.tasks={TASKS * tasks}"] if tasks > 1 else []
    run = "-".join([name.replace(", ", "-").replace(" ", "-"), *(str(each).split()[0] for each in fields.values())])
    return Row(name, run, tuple(overrides), number * epochs * tasks)


def named(name: str, row: Row) -> Row:
    return Row(name, row.run, row.overrides, row.ratio)


def steps(number: int) -> Row:
    """The step size goes down with their number, so that the way of a task stays as long; evaluated after as many."""
    if number == 1:
        return named("1", copies(1))
    return Row(
        f"{number}",
        f"{number}-steps",
        (f"inner.steps={number}", f"inner.lr={0.4 / number:g}", f"evaluate.steps={max(3, number)}"),
        1,
    )


def combined(tasks: int, reduce: str) -> Row:
    """By gradient descent with the thesis's step size: Adam's steps do not depend on the scale of a gradient."""
    overrides = ("outer=sgd { lr = 0.01 }", f"train.tasks={tasks}", f"train.reduce={reduce}")
    return Row(f"{tasks} tasks, {reduce}", f"descent-{tasks}-tasks-{reduce}", overrides, tasks // TASKS)


def on_sinusoids(number: int) -> Row:
    own = () if number == 1 else (exchange(copies=number),)
    return Row(f"{number}", f"sinusoids-{number}-copies", own, number)


def tables(ratios: Sequence[int] = RATIOS) -> Iterator[Table]:
    """ratios: those of its Table 6.2."""
    last = ratios[-1]
    root = max(2, round(last**0.5))
    yield Table(
        "copies",
        "Figures 6.11 and 6.17: copies that merge after every update",
        tuple(named(f"{n}", copies(n)) for n in ratios),
        "more workers learn faster per run, less than in proportion",
    )
    yield Table(
        "sinusoids",
        "Figure 6.10's setting: copies, on sinusoids (query loss)",
        tuple(on_sinusoids(n) for n in ratios),
        "shown for the search of the meta learning rate only",
        "sinusoid",
    )
    yield Table(
        "epochs",
        "Figure 6.18: updates between two merges, of one copy",
        tuple(named(f"{n}", copies(1, epochs=n)) for n in ratios),
        "more epochs learn faster per run",
    )
    yield Table(
        "tasks",
        "Figure 6.19: tasks of an update",
        tuple(named(f"{TASKS * n}", copies(1, tasks=n)) for n in ratios),
        "more tasks learn faster per run, most of the three",
    )
    yield Table(
        "gradient steps",
        "Figure 6.16: inner steps",
        tuple(steps(n) for n in ratios),
        "more gradient steps do not speed learning up",
    )
    yield Table(
        "two together",
        "Figures 6.23 and 6.24: one factor by the whole ratio, or two by its root",
        (
            copies(last),
            copies(1, epochs=last),
            copies(1, tasks=last),
            copies(root, epochs=root),
            copies(root, tasks=root),
            copies(1, epochs=root, tasks=root),
        ),
        "tasks first; workers do worse, and are far quicker by the clock",
    )
    yield Table(
        "weight generators",
        f"Weight generators, {root} copies",
        tuple(
            named(name, copies(root, **({} if kind == "mean" else {"combine": kind})))
            for name, kind in GENERATORS.items()
        ),
        "named, and left for future work",
    )
    yield Table(
        "outer state",
        f"Adam's moments at a merge, {root} copies",
        tuple(named(way, copies(root, **({} if way == "keep" else {"outer_state": way}))) for way in OUTER_STATES),
        "not looked at",
    )
    yield Table(
        "reduce",
        "Gradient mean and gradient sum, by gradient descent",
        tuple(combined(TASKS * n, way) for n in (1, root) for way in ("mean", "sum")),
        "with the sum, more tasks are longer steps, so that the mean is the fair comparison",
    )
