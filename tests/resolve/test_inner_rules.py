"""Rules about inner methods and the meta-gradients through them: each wrong once, and mended."""

import re

import pytest

from tests.resolve.specs import HEAD, MODEL, OUTER, TASK, only, resolved, right

CLASSES = HEAD + "task a = fewshot { data = glyphs {} }\n"
CONV = CLASSES + "model net = conv4 { filters = 32 }\n" + OUTER
SINE = HEAD + TASK + MODEL + OUTER


@pytest.mark.parametrize(
    ("text", "code", "words", "mended"),
    [
        (
            SINE + "inner = reptile { lr = learned(0.1) }\n",
            "E0401",
            "initial weights alone",
            ("lr = learned(0.1)", "lr = 0.1"),
        ),
        (CONV + "inner = r2d2\nmetagrad = reptile {}\n", "E0401", "moves weights", ("reptile", "unroll")),
        (
            CONV.replace("glyphs {}", "glyphs {}, shots = uniform(0, 5)") + "inner = maml\n",
            "E0302",
            "a whole number of 1 or more",
            ("uniform(0, 5)", "uniform(1, 5)"),
        ),
        (
            SINE + "inner = maml\nmetagrad = truncated { window = 1 }\ntrain { objective = multi_step(10%) }\n",
            "E0401",
            "whole loop",
            ("multi_step(10%)", "mean"),
        ),
        (
            CONV + "inner = maml { init = { scale = learned(ones, per = step), rest = ones } }\n",
            "E0401",
            "inner steps change `conv1.scale`",
            (", per = step", ""),
        ),
        (SINE + "inner = imaml { proximal = 0 }\n", "E0401", "nothing pulls it back", ("proximal = 0", "proximal = 1")),
        (
            SINE + "inner = convex_imaml\nmetagrad = unroll { order = 1 }\n",
            "E0401",
            "more than a gradient",
            ("1 }", "2 }"),
        ),
        (
            CONV + "inner = sgd { init = prototypes, lr = learned(1) }\nmetagrad = unroll\n",
            "E0401",
            "head alone",
            ("init = prototypes", "init = { head = prototypes, rest = ones }"),
        ),
        (SINE + "inner = proto_maml\n", "E0401", "is a regression", ("proto_maml", "maml")),
        (SINE + "inner = metaopt_svm\n", "E0401", "is a regression", ("metaopt_svm", "metaopt_ridge")),
        (
            SINE + "inner = convex_imaml\nmetagrad = implicit { solver = neumann }\n",
            "E0208",
            "its step",
            ("solver = neumann", "solver = neumann { scale = 0.1 }"),
        ),
        (
            CONV + "inner = imaml\nmetagrad = implicit { solver = exact }\n",
            "E0401",
            "numbers for each task",
            ("exact", "cg"),
        ),
        (CONV + "inner = prototypes\nmetagrad = joint\n", "E0401", "computes its head", ("joint", "unroll")),
        (SINE + "inner = imaml\ntrain { objective = mean }\n", "E0403", "no effect", ("objective = mean", "")),
        (CONV + "inner = prototypes\nevaluate { steps = 3 }\n", "E0403", "no inner steps", ("steps = 3", "")),
        (CONV + "inner = convex_imaml { proximal = 0 }\n", "E0401", "no single solution", ("proximal = 0", "l2 = 0.1")),
        (SINE + "inner = cavia\n", "E0204", "context", ("mlp {}", "mlp { context = 3 }")),
    ],
)
def test_rule(text, code, words, mended):
    found = [each for each in resolved(text).diagnostics if each.code == code]
    assert any(words in each.message for each in found), [each.message for each in resolved(text).diagnostics]
    assert all(each.span is not None and each.help for each in found)
    right(text.replace(*mended))


@pytest.mark.parametrize("task", ["sinusoid {}", "fewshot { data = glyphs {} }"])
def test_presets_expand_into_valid_specs(task):
    from metaspec.kinds import registry

    classification = {"prototypes", "matching", "metaopt_svm", "proto_maml"}
    for name in registry.names("presets"):
        if name in classification and "sinusoid" in task:
            continue
        text = HEAD + f"task a = {task}\nmodel net = mlp {{ context = 2 }}\ninner = {name}\n"
        found = right(text + ("" if name == "reptile" else OUTER))
        assert found.spec.preset == name


IMPLICIT = SINE + "inner = sgd { init = learned(glorot_uniform), SETTINGS }\nmetagrad = implicit\n"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("proximal = 1, lr = 0.01, steps = 1", "1 step rarely reaches, and .* cover 0.01 of the way"),
        ("proximal = 1, lr = 0.5, steps = 4", "4 steps rarely reach, and .* cover 0.94 of the way"),
        ("proximal = 1, lr = 0.01, steps = 10", "cover 0.096 of the way"),
        ("proximal = learned(1.0), lr = 0.01, steps = 4", "4 steps rarely reach$"),
    ],
)
def test_implicit_short_of_the_minimum_is_told_of(settings, words):
    message = only(right(IMPLICIT.replace("SETTINGS", settings)), "W0112")
    assert re.search(words, message.message), message.message
    assert message.span.text == settings.rpartition(" ")[2]


@pytest.mark.parametrize(
    "settings",
    ["proximal = 2, lr = 0.1, steps = 16", "adapt = head, lr = 0.01, steps = 5", "proximal = 1, lr = 0.9, steps = 100"],
)
def test_implicit_near_the_minimum_is_not_told_of(settings):
    assert right(IMPLICIT.replace("SETTINGS", settings)).diagnostics == ()


def test_both_things_that_implicit_lacks_are_said_at_once():
    message = only(resolved(SINE + "inner = sgd { steps = 20, lr = 0.1 }\nmetagrad = implicit\n"), "E0401")
    assert "nothing is learned" in message.message
    assert any("`init = learned(glorot_uniform)`" in each for each in message.help)
    assert any("add `proximal = 1.0` to `inner`" in each for each in message.help)
    mended = (
        "inner = sgd { steps = 20, lr = 0.1, init = learned(glorot_uniform), proximal = 1.0 }\nmetagrad = implicit\n"
    )
    right(SINE + mended)
    unrolled = only(resolved(SINE + "inner = sgd\nmetagrad = unroll\n"), "E0401")
    assert not any("proximal" in each for each in unrolled.help)
