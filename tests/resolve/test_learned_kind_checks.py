"""Rules about learned items, losses, augmentations and architectures, each once wrong and once right."""

import pytest

from metaspec.resolve import resolve, to_meta
from metaspec.source import Source
from tests.resolve.specs import HEAD, MODEL, only, resolved, right

SINE = "task sine = sinusoid {}\n"
DIGITS = "task digits = training { data = digits {}, FIELD }\n"
ITEMS = DIGITS.replace("FIELD", "train_on = learned(examples {})")
AUGMENTED = DIGITS.replace("FIELD", "augment = learned(network {})")
SGD = "inner = sgd { steps = 5 }\n"
LOSS = "inner = sgd { loss = learned(mlp {}), steps = 5 }\n"
CELL = "model net = cell { nodes = 1, architecture = learned(mixture {}) }\n"
CONTROLLER = CELL.replace("mixture", "controller")
FIXED = CELL.replace("learned(mixture {})", "fixed_ops { ops = [relu] }")
RATE = "inner = sgd { steps = 5, lr = learned(0.1) }\n"


def spec(task=SINE, model=MODEL, inner=SGD, metagrad="unroll", rest="") -> str:
    return HEAD + task + model + inner + f"metagrad = {metagrad} {{}}\nouter = adam {{}}\n" + rest


@pytest.mark.parametrize(
    ("text", "words", "mended"),
    [
        (
            spec(ITEMS + "task other = training { data = digits {} }\n"),
            "for a spec with one task",
            ("task other = training { data = digits {} }\n", ""),
        ),
        (
            spec(ITEMS.replace("examples {}", "examples { labels = learned }"), inner="inner = ridge {}\n"),
            "computes its head from classes",
            ("labels = learned", ""),
        ),
        (spec(AUGMENTED, metagrad="implicit"), "gives another in each step", ("implicit", "unroll")),
        (spec(AUGMENTED, inner=SGD.replace("steps", "adapt = head, steps")), "see features", ("adapt = head, ", "")),
        (
            spec("task bowls = problems { set = bowl }\n", "", LOSS),
            "an objective of its own",
            (LOSS, RATE),
        ),
        (spec(inner=LOSS.replace("mlp {}", "conv4 {}")), "cannot be a loss", ("conv4", "mlp")),
        (spec(ITEMS, metagrad="joint"), "learns weights of the model alone", ("joint", "unroll")),
        (
            spec(ITEMS, inner=RATE, metagrad="gradient_matching"),
            "holds the weights constant",
            ("lr = learned(0.1)", "lr = 0.1"),
        ),
        (
            spec(ITEMS, inner="inner = ridge {}\n", metagrad="gradient_matching"),
            "inner steps along",
            ("ridge {}", "sgd {}"),
        ),
        (spec(model=CONTROLLER), "cannot differentiate", ("unroll", "reinforce")),
        (spec(model=CONTROLLER, inner=RATE, metagrad="reinforce"), "is none", ("lr = learned(0.1)", "lr = 0.1")),
        (
            spec(model=CELL.replace("learned(mixture {})", "mixture {}"), inner=RATE),
            "a space to search in",
            ("mixture {}", "fixed_ops { ops = [relu] }"),
        ),
        (
            spec(model=FIXED.replace("fixed_ops { ops = [relu] }", "learned(fixed_ops { ops = [relu] })"), inner=RATE),
            "nothing to learn",
            ("learned(fixed_ops { ops = [relu] })", "fixed_ops { ops = [relu] }"),
        ),
        (spec(model=FIXED.replace("nodes = 1", "nodes = 2"), inner=RATE), "3 places", ("[relu]", "[relu, zero, tanh]")),
    ],
)
def test_once_wrong_and_once_right(text, words, mended):
    assert words in only(resolved(text), "E0401").message
    right(text.replace(*mended))


def test_a_learned_kind_reads_back_from_what_is_printed():
    for text in (spec(ITEMS), spec(AUGMENTED), spec(inner=LOSS), spec(model=CONTROLLER, metagrad="reinforce")):
        found = right(text).required()
        assert resolve(Source("printed.meta", to_meta(found, True))).required() == found
        assert type(found).model_validate_json(found.model_dump_json()) == found
