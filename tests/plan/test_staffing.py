"""What `plan` says about the workers: how many have something to do, and the bytes through the driver."""

import pytest

from metaspec.plan import make
from metaspec.plan.render import staffing
from tests.resolve.specs import resolved

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
