"""Plans of pools of problems: what a task costs, and the shards that follow from it."""

import pytest

from metaspec.plan import make
from metaspec.resolve import resolve
from metaspec.source import Source

TEXT = """language 1
task quadratic = problems { of = quadratic { size = 20 }, instances = 8 }
inner = mlp_optimizer { weights = learned(random), steps = 200 }
metagrad = METAGRAD
outer = OUTER
train { tasks = 8 }
"""
TRUNCATED = "truncated { window = 20 }"


def plan(metagrad: str, outer: str = "adam {}"):
    text = TEXT.replace("METAGRAD", metagrad).replace("OUTER", outer)
    return make(resolve(Source("particles.meta", text)).required())


@pytest.mark.parametrize(
    ("metagrad", "outer", "times"),
    [
        ("es { window = 20, particles = 64 }", "adam {}", 2 * 64 / 4),
        ("es { window = 20, particles = 64, antithetic = false }", "adam {}", 64 / 4),
        ("none", "elite { particles = 64 }", 10 * 64 / 4),  # of all 200 steps
    ],
)
def test_every_particle_costs_its_steps(metagrad, outer, times):
    """Back-propagation goes four times through a step."""
    assert plan(metagrad, outer).estimate.operations == times * plan(TRUNCATED).estimate.operations
    assert plan(metagrad, outer).estimate.memory > plan(TRUNCATED).estimate.memory


def test_many_particles_make_shards_for_several_workers():
    assert len(plan(TRUNCATED).execution.shards) == 1
    many = plan("es { window = 20, particles = 256 }").execution.shards
    assert len(many) > 4 and sum(each.count for each in many) == 8
