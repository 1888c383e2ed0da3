"""What `plan` says about the workers: how many have something to do, and the bytes through the driver."""

import pytest

import metaspec
from metaspec.plan.make import make
from metaspec.plan.render import staffing
from metaspec.plan.staff import employed, with_employed, without_work
from metaspec.runtime.identity import digest
from tests.resolve.specs import SPECS, resolved

SPEC = """language 1
task sine = sinusoid { shots = 10, queries = 10 }
model net = mlp { hidden = [200, 200] }
inner = maml { steps = 5, lr = 0.01 }
outer = adam { lr = 1e-3 }
train { iterations = 10, tasks = 100 }
schedule = SCHEDULE
"""


def said(schedule: str) -> list[str]:
    return list(staffing(make(resolved(SPEC.replace("SCHEDULE", schedule)).required(), name="sine")))


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        ("pool { workers = 8 }", ["shards for 8 of 8 workers"]),
        (
            "pool { workers = 1_000 }",
            ["shards for 8 of 1_000 workers", "992 workers have nothing to do: `train { shards"],
        ),
        ("ray { workers = 9 }", ["shards for 8 of 9 workers", "1 worker has nothing to do"]),
        (
            "pool { workers = 1_000, exchange = weights { copies = 10 } }",
            ["copies for 10 of 1_000 workers", "990 workers have nothing to do: more `copies`"],
        ),
        ("pool { workers = 1 }", []),
        ("inline", []),
    ],
)
def test_how_many_workers_have_something_to_do(schedule, words):
    found = said(schedule)
    assert len(found) == len(words) and all(word in line for word, line in zip(words, found, strict=True))


def test_the_bytes_through_the_driver():
    """(1 x 200 + 200) + (200 x 200 + 200) + (200 x 1 + 1) = 40,801 numbers of 4 bytes, to and from each of 8."""
    mebibytes = 8 * 4 * 40_801 / 2**20
    assert f"the driver sends {mebibytes:.3g} MiB and reads {mebibytes:.3g} MiB" in said("pool { workers = 8 }")[0]


def plan_with(schedule: str, *more: str):
    return make(resolved("\n".join([SPEC.replace("SCHEDULE", schedule), *more])).required(), name="sine")


@pytest.mark.parametrize(
    ("schedule", "evaluate", "started"),
    [
        ("pool { workers = 3 }", "evaluate { tasks = 25 }", 3),
        ("pool { workers = 1_000 }", "evaluate { tasks = 25 }", 8),  # shards of a meta-iteration
        ("ray { workers = 1_000 }", "evaluate { tasks = 600 }", 24),  # shards of an evaluation
        ("pool { workers = 1_000, exchange = weights { copies = 10 } }", "evaluate { tasks = 25 }", 10),
        ("inline", "evaluate { tasks = 25 }", 1),
    ],
)
def test_no_more_workers_are_started_than_have_work(schedule, evaluate, started):
    plan = plan_with(schedule, evaluate)
    assert employed(plan) == started
    assert getattr(with_employed(plan).spec.schedule, "workers", 1) == started
    assert digest(with_employed(plan)) == digest(plan), "the bits are those of any number of workers"


def test_clusters_keep_every_worker():
    plan = metaspec.plan(SPECS / "learned_optimizer_clusters.meta", {"schedule.workers": 40})
    assert plan.execution.clusters
    assert employed(plan) == 40 and without_work(plan) is None


def test_workers_beside_whole_stretches_evaluate():
    text = SPEC.replace("[200, 200]", "[20]").replace("SCHEDULE", "pool { workers = 30 }")
    plan = make(resolved(text).required(), name="sine")
    assert plan.execution.mode == "stretches" and employed(plan) == 24
    assert without_work(plan).startswith("6 workers have nothing to do: one computes whole stretches")


def test_check_warns_of_workers_without_work(tmp_path):
    file = tmp_path / "sine.meta"
    file.write_text(SPEC.replace("SCHEDULE", "pool { workers = 64 }"))
    (found,) = metaspec.check(file)
    assert found.code == "W0115" and "56 workers have nothing to do" in found.message and found.span
    assert metaspec.check(file, ["schedule.workers=8"]) == ()
