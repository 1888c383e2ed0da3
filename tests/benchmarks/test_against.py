"""The specs that `python -m benchmarks.against` runs."""

from benchmarks.against import EVALUATE, RATES, TRAIN, TRAINED, task
from metaspec.kinds.families import FAMILIES
from metaspec.resolve import resolve
from metaspec.source import Source

COMMON = {"steps": 20, "seed": 1, "workers": 1, "against": "adam", "iterations": 3, "rates": RATES}


def test_specs_are_right():
    clusters = "\n".join(f"cluster of_{family} {{ tasks = [{family}] }}" for family in TRAINED)
    train = TRAIN.format(tasks="\n".join(map(task, TRAINED)), clusters=clusters, **COMMON)
    evaluate = EVALUATE.format(tasks="\n".join(map(task, FAMILIES)), run="runs/x", count=28, **COMMON)
    for text in (train, evaluate):
        found = resolve(Source("against.meta", text))
        assert not found.failed, [each.message for each in found.diagnostics]


def test_every_family_is_one_graph():
    """Held-out instances of a family stand on one task axis, so that the contest compiles each family once."""
    text = EVALUATE.format(tasks="\n".join(map(task, FAMILIES)), run="runs/x", count=28, **COMMON)
    spec = resolve(Source("against.meta", text)).required()
    assert set(spec.tasks) == set(FAMILIES)
    for pool in spec.tasks.values():
        assert len({entry.graph for entry in pool.entries()}) == 1
