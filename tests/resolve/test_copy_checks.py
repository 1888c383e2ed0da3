"""Rules about copies that exchange weights, each once wrong and once right."""

import pytest

from tests.resolve.specs import WHOLE, codes, only, resolved, right

PLANE = """language 1
task plane = navigation {}
model net = mlp {}
inner = policy_gradient { init = learned(glorot_uniform) }
metagrad = unroll {}
outer = adam {}
schedule = pool { exchange = weights { combine = COMBINE } }
"""


@pytest.mark.parametrize("combine", ["loss_weighted", "loss_average { window = 3 }"])
def test_returns_have_no_inverse(combine):
    found = only(resolved(PLANE.replace("COMBINE", combine)), "E0401")
    assert "minus a return" in found.message and found.span.text.startswith("loss_") and found.related and found.help
    right(PLANE.replace("COMBINE", "loss_median"))
    right(WHOLE + f"schedule = pool {{ exchange = weights {{ combine = {combine} }} }}\n")


def stale(staleness: int, checkpoint: int, every: int) -> str:
    return (
        WHOLE + f"schedule = pool {{ exchange = weights {{ staleness = {staleness} }} }}\n"
        f"train {{ checkpoint = {checkpoint} }}\nevaluate {{ every = {every} }}\n"
    )


@pytest.mark.parametrize(
    ("staleness", "checkpoint", "every", "words", "place"),
    [
        (3, 500, 1, "none runs ahead", "1"),
        (3, 500, 3, "every 3 meta-iterations, so that none runs further ahead than 2", "3"),
        (7, 5, 100, "every 5 meta-iterations, so that none runs further ahead than 4", "5"),
    ],
)
def test_pauses_leave_room_to_run_ahead(staleness, checkpoint, every, words, place):
    found = only(resolved(stale(staleness, checkpoint, every)), "W0116")
    assert words in found.message and found.span.text == str(staleness) and found.related[0][0].text == place
    roomy = right(stale(staleness, staleness + 1, staleness + 1))
    assert "W0116" not in codes(roomy) and "W0116" not in codes(right(stale(0, checkpoint, every)))
