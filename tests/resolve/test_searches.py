"""`search` in a sweep: read, counted, held against the fields it draws for, printed."""

import pytest

from metaspec.resolve import to_meta
from metaspec.spec.blocks import Choices, Interval
from tests.resolve.specs import WHOLE, codes, only, resolved, right

SEARCH = """sweep rates {
  search {
    outer.lr       = loguniform(1e-4, 1e-1)
    inner.steps    = uniform(1, 5)
    net.activation = [relu, tanh]
    train.tasks    = 2..8
    trials         = 40
    objective      = minimize(query_loss)
  }
}
"""


def searched(inside: str, *more: str):
    return resolved(WHOLE + "".join(more) + f"sweep s {{ search {{ {inside} }} }}\n")


def test_what_it_draws_from():
    search = right(WHOLE + SEARCH).required().sweeps["rates"].search
    assert search.space == (
        Interval(path="outer.lr", distribution="loguniform", low=1e-4, high=1e-1),
        Interval(path="inner.steps", distribution="uniform", low=1, high=5, whole=True),
        Choices(path="net.activation", values=("relu", "tanh")),
        Interval(path="train.tasks", distribution="uniform", low=2, high=8, whole=True),
    )
    assert (search.trials, search.direction, search.metric, search.sampler) == (40, "minimize", "query_loss", "tpe")


def test_trials_are_the_points():
    assert right(WHOLE + SEARCH).required().sweeps["rates"].size == 40


@pytest.mark.parametrize("complete", [False, True])
def test_printed_search_resolves_to_an_equal_one(complete):
    spec = right(WHOLE + SEARCH.replace("trials ", "sampler = random, trials ")).required()
    again = right(to_meta(spec, complete)).required()
    assert again.sweeps == spec.sweeps
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


def test_whole_numbers_below_a_kind_and_by_part():
    text = WHOLE.replace(
        "maml { steps = 1, lr = 0.01 }", "sgd { init = learned(zeros), lr = { head = 0.1, rest = 1 }, proximal = 1 }"
    )
    text += "metagrad = implicit {}\nsweep s { search { PATH = uniform(1, 3) } }\n"
    for path, whole in (("metagrad.solver.iterations", True), ("inner.lr.head", False), ("outer.lr", False)):
        (drawn,) = right(text.replace("PATH", path)).required().sweeps["s"].search.space
        assert drawn.whole is whole, path


def test_a_let_can_be_searched():
    found = right(WHOLE + "let rates = [0.1, 0.2]\nsweep s { search { outer.lr = rates } }\n")
    assert found.required().sweeps["s"].search.space[0].values == ("0.1", "0.2")


@pytest.mark.parametrize(
    ("inside", "code", "words"),
    [
        ("outer.rate = loguniform(1e-4, 1)", "E0801", "no field `rate`"),
        ("outre.lr = loguniform(1e-4, 1)", "E0801", "outre"),
        ("outer.lr = uniform(-1, 1)", "E0302", "out of range"),
        ("inner.steps = uniform(0.5, 3)", "E0301", "whole number"),
        ("outer.lr = loguniform(0, 1)", "E0302", "above 0"),
        ("outer.lr = uniform(1, 0)", "E0302", "stands first"),
        ("outer.lr = normal(0, 1)", "E0803", "cannot draw"),
        ("outer.lr = 0.1", "E0803", "cannot draw"),
        ("outer.lr = []", "E0803", "cannot draw"),
        ("outer.lr = 3..1", "E0803", "up to another"),
        ("outer.lr = lognuiform(1e-4, 1)", "E0204", "lognuiform"),
        ("outer.lr = [0.1, -1]", "E0302", "out of range"),
        ("net.activation = [relu, tahn]", "E0304", "tahn"),
        ("net.activation = uniform(0, 1)", "E0301", "activation"),
        ("outer.lr = uniform(0, 1), outer.lr = uniform(0, 1)", "E0205", "twice"),
        ("outer.lr = uniform(0, 1), trials = 0", "E0302", "trials"),
        ("outer.lr = uniform(0, 1), sampler = tep", "E0304", "tep"),
        ("outer.lr = uniform(0, 1), objective = minimise(query_loss)", "E0204", "minimise"),
        ("outer.lr = uniform(0, 1), objective = minimize(query_los)", "E0204", "query_los"),
        ("outer.lr = uniform(0, 1), objective = maximize(accuracy)", "E0401", "classification"),
        ("outer.lr = uniform(0, 1), objective = query_loss", "E0301", "names one figure"),
        ("trials = 3", "E0803", "draws nothing"),
    ],
)
def test_wrong_search(inside, code, words):
    message = only(searched(inside), code)
    assert words in message.message
    assert message.span is not None and message.span.source.name == "test.meta"


def test_a_misspelt_path_can_be_mended():
    message = only(searched("outer.lrr = uniform(0, 1)"), "E0801")
    assert "did you mean `lr`?" in message.help or "did you mean `outer.lr`?" in message.help


def test_a_search_stands_alone():
    text = WHOLE + "sweep s { grid { train.seed = 0..2 } search { outer.lr = uniform(0, 1) } }\n"
    assert "stands alone" in only(resolved(text), "E0803").message


def test_a_search_does_not_choose_on_the_test_tasks():
    message = only(searched("outer.lr = uniform(0, 1)", "evaluate { split = test }\n"), "E0401")
    assert "validation" in message.message and message.span.text == "test"


def test_its_points_are_not_known_beforehand():
    assert "is drawn when" in only(resolved(WHOLE + SEARCH, point=3), "E0804").message


def test_base_values_stay():
    assert codes(right(WHOLE + SEARCH)) == []
    assert right(WHOLE + SEARCH).required().outer.lr == 1e-3
