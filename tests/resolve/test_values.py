"""Each form of value, right and wrong; messages come from the declarations."""

import re

import pytest

from metaspec.resolve import resolve, to_meta
from metaspec.source import Source
from tests.resolve.specs import HEAD, MODEL, OUTER, TASK, WHOLE, only, resolved, right

PYTHON_WORDS = re.compile(r"\b(int|float|str|tuple|dict|bool|None|NoneType|Literal|pydantic|Union)\b|<class")


@pytest.mark.parametrize(
    ("override", "code", "words"),
    [
        ('inner.lr="0.1"', "E0301", "a number of 0 or more, or learned(...), or a table by part; this is a text"),
        ("inner.lr=-0.1", "E0302", "0 or more"),
        ("inner.lr=true", "E0301", "this is true"),
        ("inner.lr=high", "E0204", "no `let high`"),
        ("inner.lr=cosine(1, 0)", "E0301", "this is cosine(...)"),
        ("inner.lr={}", "E0301", "names no part"),
        ("inner.lr=30s", "E0303", "a unit of durations"),
        ("inner.steps=1.5", "E0301", "a whole number of 1 or more"),
        ("inner.steps=learned(3)", "E0305", "cannot be learned"),
        ("inner.lr=learned(0.1, pre = layer)", "E0203", "no option `pre`"),
        ("inner.lr=learned(0.1, per = layr)", "E0304", "`layr`"),
        ("inner.lr=learned(learned(0.1))", "E0301", "cannot hold"),
        ("inner.lr=learned()", "E0301", "one value"),
        ("inner.init=glorot", "E0304", "no choice `glorot`"),
        ("inner.init=load(runs)", "E0301", "in quotes"),
        ("sine.phase=uniform(1)", "E0301", "uniform(low, high)"),
        ("sine.phase=uniform(2, 1)", "E0302", "low end"),
        ("sine.phase=loguniform(0, 1)", "E0302", "above 0"),
        ("sine.phase=normal(0, -1)", "E0302", "0 or more"),
        ("sine.phase=unifrom(0, 1)", "E0204", "no `unifrom(...)`"),
        ("net.hidden=40", "E0301", "a list of whole numbers of 1 or more"),
        ("net.hidden=[40, 0]", "E0302", "hidden[1]"),
        ("net.hidden=[40, wide]", "E0204", "wide"),
        ("metagrad.order=3", "E0304", "`1` or `2`"),
        ("train.objective=weighted([])", "E0301", "one for each inner step"),
        ("train.objective=weighted([0, 0])", "E0302", "not all of them 0"),
        ("train.warm_start=yes", "E0204", "true or false"),
        ("outer.lr=0", "E0302", "above 0"),
        ("outer.lr=step(1e-3, 0.5, 0)", "E0302", "whole number of 1 or more"),
        ("outer.beta1=1", "E0302", "0 or more and below 1"),
        ("outer.clip=50%", "E0303", "shares"),
        ("schedule=pool{deadline=30}", "E0303", "unit is missing"),
        ("schedule=pool{deadline=2GiB}", "E0303", "a unit of memory"),
        ("schedule=pool{deadline=30sek}", "E0303", "no unit `sek`"),
        ("schedule=pool{exchange=gradient}", "E0202", "no exchange `gradient`"),
        ("model=resnet12", "E0601", "not yet available"),
        ("inner=leo{}", "E0601", "not yet available"),
        ("inner.momentum=0.9", "E0801", "no field `momentum`"),
        ("expect.accuracy=0.9", "E0203", "a comparison"),
    ],
)
def test_wrong_value(override, code, words):
    message = only(resolved(WHOLE, override), code)
    assert words in " ".join((message.message, message.label, *message.help))


def test_no_message_speaks_python():
    wrong = [
        "inner.lr=[1]",
        "inner.steps=x",
        "net.hidden={a=1}",
        "sine.noise=true",
        "train.on=3",
        "outer.lr=adam{}",
        "evaluate.every=no",
        'train.reduce="sum"',
        "inner.adapt=3",
        "inner.init=3",
        "schedule=pool{groups=3}",
    ]
    for override in wrong:
        found = resolved(WHOLE, override)
        assert found.failed, override
        for each in found.diagnostics:
            assert not PYTHON_WORDS.search(" ".join((each.message, each.label, *each.help))), each


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("inner.steps=1e1", "inner.steps", 10),
        ("net.hidden=2..4", "models.net.hidden", (2, 3, 4)),
        ("inner.adapt=[hidden1, head]", "inner.adapt", ("hidden1", "head")),
        ("inner.adapt=head", "inner.adapt", "head"),
        ("metagrad.checkpoint=3", "metagrad.checkpoint", 3),
        ("metagrad.checkpoint=sqrt", "metagrad.checkpoint", "sqrt"),
        ("inner.lr={ head = 0, rest = 0.1 }", "inner.lr.parts", {"head": 0.0, "rest": 0.1}),
        ("inner.lr=learned(0.3, per = [layer, step])", "inner.lr.per", ("layer", "step")),
        ("inner.lr=learned(0.3, outer = sgd { lr = 1 })", "inner.lr.outer.lr", 1.0),
        ('inner.init=load("runs/x")', "inner.init.start.load", "runs/x"),
        ("sine.noise=normal(0, 0.1)", "tasks.sine.noise.arguments", (0.0, 0.1)),
        ("outer.clip=none", "outer.clip", None),
        ("evaluate.steps=0", "evaluate.steps", 0),
    ],
)
def test_right_value(override, path, value):
    at = right(WHOLE, override).required()
    for name in path.split("."):
        at = at[name] if isinstance(at, dict) else getattr(at, name)
    assert at == value


def test_share_may_be_written_in_percent():
    text = HEAD + 'task a = fewshot { data = arrays { path = "x.npz", validation = 15% } }\n' + MODEL + "inner = maml\n"
    assert right(text + OUTER).required().tasks["a"].data.validation == 0.15


def test_field_of_another_kind_names_its_owner():
    text = HEAD + TASK + MODEL + "inner = maml\n" + "outer = sgd { beta1 = 0.9 }\n"
    assert "`adam`" in only(resolved(text), "E0403").help[0]


def test_fix_of_a_choice_is_an_edit():
    message = only(resolved(WHOLE + "train { objective = finale }\n"), "E0304")
    ((span, text),) = message.fix.edits
    assert (span.text, text) == ("finale", "final")


SUM = """language 1
let n = 4
task sum = problems {{ of = total {{ of = {of} }}, instances = 2 }}
inner = learned_rate {{ weights = learned(random), steps = 4, start = 1e-3 }}
metagrad = truncated {{ window = 2 }}
outer = adam {{}}
"""


def test_lists_of_kinds():
    """Each item has fields of its own; the file that is written from it says the same."""
    text = SUM.format(of="[quadratic { size = n }, surface { function = ackley }, bowl]")
    spec = resolve(Source("sum.meta", text)).required()
    assert [each.name for each in spec.tasks["sum"].of.of] == ["quadratic", "surface", "bowl"]
    assert spec.tasks["sum"].of.of[0].size == 4
    assert resolve(Source("again.meta", to_meta(spec))).required() == spec
    over = resolve(Source("sum.meta", text), ["sum.of.of=[bowl { condition = 2 }]"]).required()
    assert [each.condition for each in over.tasks["sum"].of.of] == [2]


@pytest.mark.parametrize(
    ("of", "code", "place"),
    [
        ("[bowl, bwol]", "E0202", "bwol"),
        ("[bowl { conditoin = 2 }]", "E0203", "conditoin"),
        ("[bowl, 3]", "E0301", "3"),
        ("[]", "E0302", "[]"),
        ("[bowl { condition = -1 }]", "E0302", "-1"),
    ],
)
def test_mistakes_in_lists_of_kinds(of, code, place):
    (found,) = [each for each in resolve(Source("sum.meta", SUM.format(of=of))).diagnostics if each.is_error]
    assert (found.code, found.span.text) == (code, place)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("inner = sgd { steps = learned(5) }\n", "the loss does not depend on it smoothly"),
        ("inner = rmsprop { epsilon = learned(1e-3) }\n", "declared as a fixed number"),
    ],
)
def test_why_a_value_is_not_learned(text, label):
    assert only(resolved(HEAD + text), "E0305").label == label
