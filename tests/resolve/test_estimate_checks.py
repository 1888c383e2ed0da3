"""Rules about meta-gradients from values and along the steps, each once wrong and once right."""

import pytest

from metaspec.plan import make
from tests.resolve.specs import HEAD, MODEL, TASK, only, resolved, right

DIGITS = "task digits = training { data = digits {} }\n"
LEARNS = "inner = sgd { steps = 20, lr = learned(0.1, scale = log) }\n"
MANY = "inner = sgd { steps = 20, l2 = learned(0.1, per = parameter) }\n"
ADAM = "outer = adam {}\n"


def spec(task=TASK, inner=LEARNS, metagrad="unroll", outer=ADAM, rest="") -> str:
    return HEAD + task + MODEL + inner + f"metagrad = {metagrad}\n" + outer + rest


@pytest.mark.parametrize(
    ("text", "words", "mended"),
    [
        (
            spec(
                inner=MANY.replace("parameter", "parameter, scale = log").replace("20", "2"),
                metagrad="forward {}",
            ).replace("mlp {}", "mlp { hidden = [80, 80] }"),
            "a tangent for each of",
            ("per = parameter", "per = layer"),
        ),
        (spec(DIGITS, MANY, "forward {}"), "a tangent for each of", ("per = parameter", "per = layer")),
        (spec(outer="outer = elite {}\n"), "takes scores", ("unroll", "none")),
        (spec(metagrad="none"), "gives none", ("adam", "elite")),
        (
            spec(metagrad="none", outer="outer = elite { particles = 4, keep = 5 }\n"),
            "cannot keep 5 of 4",
            ("keep = 5", "keep = 2"),
        ),
        (
            spec(metagrad="none", outer="outer = cma_es { particles = 3 }\n"),
            "3 candidates",
            ("particles = 3", "particles = 8"),
        ),
        (
            spec(
                inner=LEARNS.replace("scale", "outer = adam {}, scale"),
                metagrad="none",
                outer="outer = elite {}\n",
            ),
            "outer method of its own",
            ("outer = adam {}, ", ""),
        ),
        (
            spec(inner=MANY, metagrad="none", outer="outer = cma_es {}\n"),
            "covariance for each pair",
            ("cma_es", "elite"),
        ),
        (
            spec(metagrad="es { antithetic = false, particles = 1 }"),
            "nothing to be compared",
            ("particles = 1", "particles = 2"),
        ),
        (spec(metagrad="none", outer="outer = pbt {}\n"), "train on", ("pbt", "elite")),
        (
            spec(DIGITS, metagrad="none", outer="outer = pbt {}\n", rest="train { tasks = 4 }\n"),
            "one training",
            ("tasks = 4", "seed = 4"),
        ),
        (
            spec(DIGITS, metagrad="none", outer="outer = pbt {}\n", rest="train { on_failure = skip }\n"),
            "lose its weights",
            ("skip", "stop"),
        ),
        (
            spec(DIGITS, metagrad="es {}", rest="train { warm_start = true }\n"),
            "carries trajectories",
            ("es {}", "unroll"),
        ),
        (
            spec(DIGITS, "inner = sgd { init = learned(glorot_uniform) }\n", rest="train { warm_start = true }\n"),
            "only the first meta-iteration",
            ("true", "false"),
        ),
    ],
)
def test_once_wrong_and_once_right(text, words, mended):
    assert words in only(resolved(text), "E0401").message
    assert mended[0] in text
    right(text.replace(*mended))


PARTS = "inner = sgd { init = { head = learned(zeros), rest = learned(glorot_uniform) }, steps = 2 }\n"
RNN = "inner = hierarchical_rnn { weights = learned(random), steps = 20 }\n"
WIDE = MODEL.replace("mlp {}", "mlp { hidden = [70, 70] }")


@pytest.mark.parametrize(
    ("text", "model"),
    [
        (HEAD + "task a = problems { set = quadratic }\n" + RNN, ""),  # no model to count
        (HEAD + TASK + RNN, MODEL),  # the weights of the optimizer, not those of the model
        (HEAD + 'task a = fewshot { data = image_folder { path = "x" } }\n' + RNN, "model net = conv4 {}\n"),
        (HEAD + TASK + PARTS, WIDE),  # each part once
    ],
)
def test_limits_count_the_tensors_of_the_plan(text, model):
    text += model + "metagrad = METAGRAD\nouter = OUTER\ntrain { objective = mean }\n"
    if "image_folder" in text:
        expected = 8_349
    else:
        tensors = make(
            right(text.replace("METAGRAD", "truncated { window = 2 }").replace("OUTER", "adam {}")).required()
        ).meta
        expected = sum(tensor.size for tensor in tensors)
    assert expected > 4_000
    for metagrad, outer, words in (
        ("forward {}", "adam {}", "a tangent for each"),
        ("none", "cma_es {}", "for each pair"),
    ):
        message = only(resolved(text.replace("METAGRAD", metagrad).replace("OUTER", outer)), "E0401").message
        assert f"{words} of {expected:_} meta-parameters" in message


def test_two_learned_parts_are_counted_once():
    right(HEAD + TASK + MODEL.replace("mlp {}", "mlp { hidden = [45, 45] }") + PARTS + "metagrad = forward {}\n" + ADAM)


@pytest.mark.parametrize("outer", ["elite", "cma_es", "pbt"])
def test_scores_have_no_size(outer):
    text = spec(DIGITS, metagrad="none", outer=f"outer = {outer} {{}}\n", rest="train { reduce = sum }\n")
    assert "`reduce` has no effect" in only(resolved(text), "E0403").message
    right(text.replace("sum", "mean"))


def test_what_is_expected_of_a_training_is_known():
    text = spec(DIGITS, rest="expect { accuracy >= 0.9 }\n")
    right(text)
    only(resolved(text.replace("accuracy", "acuracy")), "E0204")


def test_data_that_cannot_be_divided_leaves_the_other_checks_alone():
    found = resolved(
        spec("task digits = training { data = digits { validation = 0.9, test = 0.9 } }\n", metagrad="none")
    )
    assert "gives none" in only(found, "E0401").message


@pytest.mark.parametrize("kind", ["es", "pes"])
def test_windows_before_the_last_have_no_part_in_a_final_loss(kind):
    inner = "inner = sgd { steps = 100, lr = learned(0.1, scale = log) }\n"
    text = spec(inner=inner, metagrad=f"{kind} {{ window = 20 }}")
    message = only(right(text), "W0117")
    assert "4 of 5 windows" in message.message and "after step 100 alone" in message.message
    for mended in (text + "train { objective = mean }\n", text.replace("window = 20", "window = 100")):
        assert right(mended).diagnostics == ()
