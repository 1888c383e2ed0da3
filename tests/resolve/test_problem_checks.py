"""Rules about problems and learned optimizers."""

import pytest

from metaspec.resolve import resolve
from metaspec.source import Source

BASE = """language 1
task pool = problems {{ {task} }}
inner = {inner}
metagrad = {metagrad}
outer = adam {{}}
train {{ {train} }}
"""
RULE = "learned_rate { weights = learned(random), steps = 4 }"


AGAINST = BASE + "evaluate {{ against = [{against}] }}\n"


def against(names, task="set = bowl", inner=RULE):
    text = AGAINST.format(task=task, inner=inner, metagrad="truncated { window = 2 }", train="", against=names)
    return [(each.code, each.message) for each in resolve(Source("spec.meta", text)).diagnostics]


def found(task="set = bowl", inner=RULE, metagrad="truncated { window = 2 }", train="iterations = 1"):
    text = BASE.format(task=task, inner=inner, metagrad=metagrad, train=train)
    return [(each.code, each.message) for each in resolve(Source("spec.meta", text)).diagnostics]


def test_right_specs_have_no_mistakes():
    assert found() == []
    assert found("of = rescale { of = quadratic { size = 5 }, scale = 10 }, instances = 2") == []
    assert found(inner="sgd { lr = learned(0.1), steps = 4 }") == []
    assert found(metagrad="truncated { window = 2, relative = true }") == []
    assert found(metagrad="truncated { window = 2, reset = visit, visit = 3, saved = before_last }") == []
    assert found(metagrad="truncated { window = 2, numerator_epsilon = true }", train="objective = log") == []


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"task": "instances = 3"}, "E0208", "names no problems"),
        ({"task": "set = bowl, of = bowl {}"}, "E0401", "a family and a single problem"),
        ({"inner": "sgd { init = learned(glorot_uniform), steps = 4 }"}, "E0401", "no initial weights to learn"),
        ({"metagrad": "unroll {}", "train": "objective = log"}, "E0401", "goes with `truncated`"),
        (
            {"metagrad": "truncated { window = 2, carry = false, reset = visit }"},
            "E0401",
            "`reset` is about trajectories",
        ),
        ({"task": "set = bowls"}, "E0304", "no choice `bowls`"),
        ({"metagrad": "truncated { window = 2, numerator_epsilon = true }"}, "E0403", "`train { objective = log }`"),
        (
            {"metagrad": "truncated { window = 2, relative = true }", "train": "objective = log"},
            "E0403",
            "`train { objective = mean }`",
        ),
        ({"metagrad": "truncated { window = 2, saved = before_last }"}, "E0403", "`saved` only has an effect"),
        ({"metagrad": "truncated { window = 2, visit = 3 }"}, "E0403", "`visit` only has an effect"),
    ],
)
def test_mistakes(fields, code, words):
    messages = found(**fields)
    assert [each for each in messages if each[0] == code and words in each[1]], messages
    assert len(messages) == 1


def test_a_task_with_a_model_is_not_learned_beside_problems():
    text = BASE.format(task="set = bowl", inner=RULE, metagrad="truncated { window = 2 }", train="")
    text += "task sine = sinusoid {}\nmodel net = linear {}\n"
    codes = [(each.code, each.message) for each in resolve(Source("spec.meta", text)).diagnostics]
    assert any(code == "E0401" and "brings its own parameters" in message for code, message in codes)


def test_baselines():
    assert against("sgd, momentum, adam, rmsprop") == []
    ((code, message),) = against("adam, adagrad")
    assert code == "E0304" and "adagrad" in message


FEWSHOT = """language 1
task line = sinusoid {}
model net = mlp {}
inner = maml { steps = 1, lr = 0.1 }
outer = adam {}
evaluate { against = [adam] }
"""
TRAINING = """language 1
task digits = training { data = digits {}, batch = 16 }
model net = linear {}
inner = INNER
metagrad = METAGRAD
outer = adam {}
evaluate { against = [adam] }
"""


def test_baselines_without_a_meaning():
    """Few-shot tasks, learned initial weights, methods without steps."""
    ((code, message),) = [(each.code, each.message) for each in resolve(Source("few", FEWSHOT)).diagnostics]
    assert code == "E0401" and "`line` is `sinusoid`" in message
    for inner, metagrad, words in (
        ("sgd { lr = learned(0.1), steps = 3 }", "unroll {}", None),
        ("sgd { init = learned(glorot_uniform), steps = 3 }", "unroll {}", "initial weights are learned"),
        ("ridge { init = learned(glorot_uniform) }", "unroll {}", "has none"),
    ):
        text = TRAINING.replace("INNER", inner).replace("METAGRAD", metagrad)
        messages = [each.message for each in resolve(Source("training", text)).diagnostics if each.is_error]
        assert (messages == []) if words is None else any(words in each for each in messages), messages


def test_batches_of_training_tasks():
    text = TRAINING.replace("METAGRAD", "truncated { window = 2 }")
    for fields, count in (("", 0), (", data_batches = 2", 1)):
        inner = f"learned_adam {{ weights = learned(random), steps = 4{fields} }}"
        found = [
            each for each in resolve(Source("training", text.replace("INNER", inner))).diagnostics if each.is_error
        ]
        assert len(found) == count and all("data_batches" in each.message for each in found)
