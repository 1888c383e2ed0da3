import pytest

from metaspec.spec.values import Decay, Learned
from tests.resolve.specs import HEAD, INNER, MODEL, OUTER, TASK, WHOLE, codes, only, resolved, right


def test_preset_expands_into_two_blocks():
    spec = right(WHOLE).required()
    assert (spec.inner.name, spec.metagrad.name, spec.metagrad.order, spec.preset) == ("sgd", "unroll", 2, "maml")
    assert isinstance(spec.inner.init, Learned)
    assert spec.inner.init.name == "inner.init"


def test_field_of_a_preset_goes_to_the_block_that_declares_it():
    spec = right(HEAD + TASK + MODEL + OUTER + "inner = maml { steps = 3, order = 1 }\n").required()
    assert (spec.inner.steps, spec.metagrad.order) == (3, 1)


def test_number_for_what_a_preset_learns_is_its_start():
    text = HEAD + TASK + MODEL + OUTER + "inner = meta_sgd { lr = 0.02 }\n"
    lr = right(text).required().inner.lr
    assert (lr.start, lr.per) == (0.02, ("parameter",))
    assert right(text, "inner.lr=0.3").required().inner.lr.start == 0.3
    assert right(text, "inner.lr=fixed(0.3)").required().inner.lr == 0.3


def test_block_beside_a_preset_of_the_same_kind_wins_field_by_field():
    found = right(WHOLE + "metagrad = unroll { checkpoint = sqrt }\n")
    assert (found.spec.metagrad.order, found.spec.metagrad.checkpoint) == (2, "sqrt")
    assert codes(found) == []


def test_block_beside_a_preset_of_another_kind_replaces_with_a_note():
    found = right(WHOLE.replace("steps = 1", "steps = 4") + "metagrad = truncated { window = 2 }\n")
    assert found.spec.metagrad.name == "truncated"
    assert only(found, "N0101").related[0][0].line == 4


def test_unknown_field_of_a_preset():
    message = only(resolved(HEAD + TASK + MODEL + OUTER + "inner = maml { stesp = 1 }\n"), "E0203")
    assert message.fix.edits[0][1] == "steps"


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("metagrad.order=1", "metagrad.order", 1),
        ("inner.lr=1/4", "inner.lr", 0.25),
        ("inner.init.outer=sgd", "inner.init.outer.name", "sgd"),
        ("task.shots=3", "tasks.sine.shots", 3),
        ("sine.shots=3", "tasks.sine.shots", 3),
        ("train.seed=9", "train.seed", 9),
        ("outer.lr=warmup(10, cosine(1e-3, 0))", "outer.lr.schedule", "warmup"),
        ("schedule=pool", "schedule.workers", 2),
        ("schedule=pool{deadline=5min}", "schedule.deadline", 300.0),
        ("net.activation=tanh", "models.net.activation", "tanh"),
    ],
)
def test_override(override, path, value):
    at = right(WHOLE, override).required()
    for name in path.split("."):
        at = at[name] if isinstance(at, dict) else getattr(at, name)
    assert at == value


def test_later_override_wins():
    assert right(WHOLE, "train.seed=1", "train.seed=2").required().train.seed == 2


def test_field_of_a_default_kind():
    text = HEAD + "task a = fewshot { data = glyphs }\nmodel net = conv4\ninner = maml\n" + OUTER
    split = right(text, "task.data.split.test=2").required().tasks["a"].data.split
    assert (split.name, split.validation, split.test) == ("alphabets", 3, 2)


def test_field_of_an_exchange():
    text = WHOLE + "schedule = pool { exchange = weights {} }\n"
    assert right(text, "schedule.exchange.copies=5").required().schedule.exchange.copies == 5


def test_whole_block():
    found = right(WHOLE, "inner=adam { init = learned(glorot_uniform), lr = 0.2 }")
    assert (found.spec.inner.name, found.spec.inner.lr, found.spec.metagrad.name) == ("adam", 0.2, "unroll")


def test_whole_block_that_learns_nothing_says_so():
    message = only(resolved(WHOLE, "inner=adam{}"), "E0401")
    assert "nothing is learned" in message.message
    assert "init = learned(glorot_uniform)" in message.help[0]


def test_preset_as_override_brings_all_its_blocks():
    found = right(WHOLE, "inner=fomaml { lr = 0.3 }")
    assert (found.spec.inner.lr, found.spec.metagrad.order, found.spec.preset) == (0.3, 1, "fomaml")


@pytest.mark.parametrize(
    ("override", "code", "near"),
    [
        ("trian.seed=1", "E0801", "train"),
        ("train.sed=1", "E0801", "seed"),
        ("metagrad.ordr=1", "E0801", "order"),
        ("sine.shots", "E0802", ""),
        ("sine.shots=", "E0802", ""),
        ("sine.shots=[", "E0802", ""),
        ("sine.shots=0", "E0302", ""),
        ("sine.shots.more=1", "E0801", ""),
        ("inner=0.1", "E0802", ""),
        ("inner=sdg", "E0202", "sgd"),
        ("shots=5", "E0801", "did you mean `sine.shots`?"),
        ("query=5", "E0801", "did you mean `sine.queries`?"),
        ("sine.query=5", "E0801", "did you mean `queries`?"),
        ("outer.learning_rate=5", "E0801", "did you mean `lr`?"),
        ("train.epochs=5", "E0801", "did you mean `iterations`?"),
        ("train.learning_rate=5", "E0801", "`learning_rate` is called `lr` here, and belongs to `inner`"),
        ("schedule.adress=x", "E0801", "set the block first, such as `-s 'schedule="),
    ],
)
def test_wrong_override(override, code, near):
    message = only(resolved(WHOLE, override), code)
    assert message.span.source.name == f"-s {override}"
    assert near in " ".join(message.help)


def test_override_of_a_keyword_with_several_blocks():
    text = HEAD + TASK + "task other = sinusoid {}\n" + MODEL + INNER + OUTER
    assert "`sine` or `other`" in only(resolved(text, "task.shots=1"), "E0801").help[0]


def test_nested_schedule_of_a_value():
    lr = right(WHOLE, "outer.lr=warmup(10, cosine(1e-3, 0))").required().outer.lr
    assert lr == Decay(schedule="warmup", arguments=(10.0, Decay(schedule="cosine", arguments=(1e-3, 0.0))))


def test_places_in_an_override_are_those_of_its_whole_text():
    message = only(resolved(WHOLE, "outer=adam{ lr = -1 }"), "E0302")
    assert (message.span.text, message.span.source.text) == ("-1", "outer=adam{ lr = -1 }")


def test_workers_of_a_spec_without_a_schedule_make_a_pool():
    found = right(WHOLE, "schedule.workers=3")
    assert (found.spec.schedule.name, found.spec.schedule.workers) == ("pool", 3)
    assert right(WHOLE, "schedule.workers=3", "schedule.workers=1").spec.schedule.workers == 1
    found = right(WHOLE + "schedule = ray {}\n", "schedule.workers=3")
    assert (found.spec.schedule.name, found.spec.schedule.workers) == ("ray", 3)
    only(resolved(WHOLE + "schedule = inline\n", "schedule.workers=3"), "E0801")
