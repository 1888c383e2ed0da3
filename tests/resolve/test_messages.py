"""One mistake gives one message, in the user's file, and the message has a way out."""

import pytest

from metaspec.diagnostics.render import apply_fixes
from metaspec.resolve import resolve
from metaspec.source import Source
from tests.resolve.specs import HEAD, INNER, MODEL, OUTER, TASK, WHOLE, codes, only, resolved


def words_of(message) -> str:
    return " ".join((message.message, message.label, *message.help, message.fix.title if message.fix else ""))


def mended(text: str) -> str:
    """The text after `check --fix`, as often as it finds something."""
    for _ in range(4):
        source = Source("test.meta", text)
        text = apply_fixes(source, resolve(source).diagnostics)
    return text


# --- what could not be read is not missing -------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "broken", "code"),
    [
        (TASK, "task sine = sinusoid { shots = ] }\n", "E0108"),
        (TASK, "taks sine = sinusoid {}\n", "E0201"),
        (MODEL, "model net = mlp { hidden = ? }\n", "E0101"),
        (INNER, "inner = maml { steps = 1, lr 0.01 ( }\n", "E0104"),
        (INNER, "inner = mmal { steps = 1, lr = 0.01 }\n", "E0202"),
        (INNER, "inner = maml { lr = 0.1\n", "E0103"),
        (OUTER, "outer = adam { lr = ? }\n", "E0101"),
    ],
)
def test_a_block_that_could_not_be_read_gives_no_other_error(block, broken, code):
    assert codes(resolved(WHOLE.replace(block, broken))) == [code]


def test_a_let_that_could_not_be_read_is_there():
    text = WHOLE + "let rate = ?\nschedule = pool { workers = rate }\n"
    assert codes(resolved(text)) == ["E0101"]


def test_a_let_may_be_used_in_what_could_not_be_read():
    text = WHOLE.replace(MODEL, "let wide = 40\nmodel net = mlp { hidden = [wide, ?] }\n")
    assert codes(resolved(text)) == ["E0101"]


def test_a_copy_of_what_could_not_be_read():
    text = WHOLE.replace(TASK, "task sine = sinusoid { shots = ? }\ntask longer = sine { shots = 20 }\n")
    assert codes(resolved(text)) == ["E0101"]


def test_a_file_that_is_not_there_might_have_held_the_rest(tmp_path):
    file = tmp_path / "main.meta"
    file.write_text(HEAD + 'import "base.meta"\n' + OUTER)
    assert codes(resolve(file)) == ["E0207"]


def test_what_is_missing_beside_an_error_is_said():
    """Only the block with the error is spared."""
    found = resolved(HEAD + TASK + "model net = mlp { hidden = ? }\n" + OUTER)
    assert codes(found) == ["E0208", "E0101"] and "`inner`" in only(found, "E0208").message


# --- ways out ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "wrong", "right"),
    [
        (MODEL, "model net = mlp { hidden = (40, 40) }\n", "model net = mlp { hidden = [40, 40] }\n"),
        (MODEL, "model net = mlp { hidden = 40 }\n", "model net = mlp { hidden = [40] }\n"),
        (MODEL, "model net = mlp { activation = 'tanh' }\n", "model net = mlp { activation = tanh }\n"),
        (TASK, "task sine = 'sinusoid'\n", "task sine = sinusoid\n"),
        (TASK, "task sine sinusoid {}\n", "task sine = sinusoid {}\n"),
        (INNER, "inner maml { steps = 1 }\n", "inner = maml { steps = 1 }\n"),
        (OUTER, OUTER + "train { iterations = 5,000, on = sine }\n", None),
        (OUTER, OUTER + 'train { iterations = 5,000, on = "sine" }\n', None),
        (OUTER, OUTER + "schedule = pool { deadline = 5 minutes }\n", OUTER + "schedule = pool { deadline = 5min }\n"),
        (OUTER, OUTER + "schedule = pool { deadline = 5minutes }\n", OUTER + "schedule = pool { deadline = 5min }\n"),
    ],
)
def test_an_edit_makes_it_right(block, wrong, right):
    text = mended(WHOLE.replace(block, wrong))
    right = right or OUTER + "train { iterations = 5_000, on = [sine] }\n"
    assert text == WHOLE.replace(block, right)
    assert not resolved(text).failed


@pytest.mark.parametrize(
    ("block", "wrong", "code", "words"),
    [
        (OUTER, "outer = maml {}\n", "E0202", "write `inner = maml {}`"),
        (OUTER, "outer = mlp {}\n", "E0202", "write `model NAME = mlp {}`"),
        (INNER, "inner = qqqqqqq {}\n", "E0202", "`metaspec list inner` says what there is"),
        (MODEL, "model net = lstm {}\n", "E0401", "`model net = mlp { hidden = [40, 40] }`"),
        (TASK, "task text = language {}\n", "E0401", "take `model net = lstm {}`"),
        (OUTER, OUTER + "train { lr = 0.1 }\n", "E0403", "`lr` belongs to `inner`, `outer`"),
        (OUTER, OUTER + "train { workers = 2 }\n", "E0403", "`workers` belongs to `schedule`"),
        (OUTER, OUTER + "train { qqqqqq = 2 }\n", "E0203", "legal here: `iterations`"),
        (INNER, "inner = maml { hidden = [40] }\n", "E0403", "`hidden` belongs to `model`"),
        (INNER, "inner = maml { lr = learned }\n", "E0301", "`learned(0.1)`"),
        (INNER, "inner = maml { init = learned }\n", "E0301", "`learned(glorot_uniform)`"),
        (INNER, "inner = maml { lr = -1 }\n", "E0302", "below 0"),
        (OUTER, "outer = adam { beta1 = 1 }\n", "E0302", "not below 1"),
        (TASK, "task sine = sinusoid { phase = uniform }\n", "E0301", "write `uniform(low, high)`"),
        (OUTER, OUTER + "schedule = pool { deadline = 5 MiB }\n", "E0303", "its units are ms, s, min, h, d"),
        (INNER, "inner = maml { lr = 3furlongs }\n", "E0303", "plain number"),
    ],
)
def test_one_message_that_helps(block, wrong, code, words):
    found = resolved(WHOLE.replace(block, wrong))
    assert codes(found) == [code]
    assert words in words_of(only(found, code))


def test_kinds_are_listed_once():
    kinds = only(resolved(WHOLE.replace(INNER, "inner { steps = 1 }\n")), "E0122").help[0].split(": ")[1].split(", ")
    assert len(kinds) == len(set(kinds)) and "matching" in kinds


def test_other_blocks_are_no_models():
    shown = words_of(only(resolved(WHOLE.replace(MODEL, "model net = qqqqqqq {}\n")), "E0202"))
    assert "`mlp`" in shown and "`sine`" not in shown and "`outer`" not in shown


def test_what_a_preset_brings_is_shown_where_the_preset_is_written():
    found = only(resolved(WHOLE + "metagrad = implicit {}\n"), "E0401")
    assert found.span.source.name == "test.meta" and found.span.line == 4
    assert found.related[0][0].text == "implicit"
    assert "to `inner`" in found.help[0]


def test_an_override_says_what_a_file_could_be_mended_by():
    found = only(resolved(WHOLE, "net.hidden=40"), "E0301")
    assert found.fix is None and found.help == ("write `[40]`",)


def test_a_block_is_not_offered_as_its_own_copy():
    """`task quokka = quokka {}`: itself and what is declared later cannot be copied; what is declared earlier can."""
    text = "language 1\ntask earlier = sinusoid {}\ntask quokka = quokka {}\ntask late = sinusoid {}\n"
    (message,) = [each for each in resolve(Source("own", text)).diagnostics if each.code == "E0202"]
    assert message.message == "there is no task `quokka`"
    (legal,) = [line for line in message.help if line.startswith("legal here")]
    names = [word.strip("`") for word in legal.removeprefix("legal here: ").replace(" or ", ", ").split(", ")]
    assert {"earlier", "sinusoid"} <= set(names) and "quokka" not in names and "late" not in names
