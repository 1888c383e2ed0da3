"""Rules about tasks whose model acts, each once wrong and once right."""

import pytest

from tests.resolve.specs import HEAD, only, resolved, right

PLANE, SINE = "task plane = navigation {}\n", "task plane = sinusoid {}\n"
MODEL = "model net = mlp {}\n"
POLICY, SGD = "policy_gradient { init = learned(glorot_uniform) }", "sgd { init = learned(glorot_uniform) }"


def spec(task=PLANE, model=MODEL, inner=POLICY, metagrad="unroll {}", outer="adam {}", rest="") -> str:
    return HEAD + task + model + f"inner = {inner}\nmetagrad = {metagrad}\nouter = {outer}\n" + rest


@pytest.mark.parametrize(
    ("text", "words", "mended"),
    [
        (spec(inner=SGD), "cannot learn from", (SGD, POLICY)),
        (spec(SINE), "follows rewards", (POLICY, SGD)),
        (spec(PLANE + PLANE.replace("plane", "other")), "no other task", (PLANE.replace("plane", "other"), "")),
        (spec(metagrad="reptile {}"), "does not sample", ("reptile {}", "joint { items = query }")),
        (spec(metagrad="joint {}"), "would join two", ("joint {}", "joint { items = query }")),
        (spec(rest="train { warm_start = true }\n"), "sampled anew", ("warm_start = true", "seed = 1")),
        (spec(SINE, inner=SGD, outer="trpo {}"), "no task has one", ("trpo {}", "adam {}")),
        (
            spec(outer="trpo {}", rest="train { objective = mean }\n"),
            "after the last inner step",
            ("objective = mean", "seed = 1"),
        ),
        (
            spec(outer="trpo {}", inner="policy_gradient { lr = learned(0.1, outer = adam {}) }"),
            "outer method of its own",
            (", outer = adam {}", ""),
        ),
    ],
)
def test_wrong_and_right(text: str, words: str, mended: tuple[str, str]):
    assert words in "".join(each.message for each in resolved(text).diagnostics if each.code == "E0401")
    right(text.replace(*mended))


def test_settings_of_an_environment_are_drawn():
    pytest.importorskip("gymnasium", reason="the extra `rl` is not installed")
    text = spec('task plane = gym { id = "Pendulum-v1", vary = { g = learned(10) } }\n')
    assert only(resolved(text), "E0305").span.text == "10"
    right(text.replace("learned(10)", "uniform(5, 15)"))


def test_return_is_expected_of_policies_alone():
    right(spec(rest="expect { return >= -10 }\n"))
    only(resolved(spec(SINE, inner=SGD, rest="expect { return >= -10 }\n")), "E0204")
