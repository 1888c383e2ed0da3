"""Imports, lets, copies."""

import pytest

from metaspec.resolve import resolve
from metaspec.resolve.located import located
from metaspec.source import Source
from metaspec.spec.values import Learned
from tests.resolve.specs import HEAD, INNER, MODEL, OUTER, TASK, WHOLE, codes, only, resolved, right


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.meta").write_text(HEAD + text)
    return folder / "main.meta"


def test_plain_import_lies_below_the_file(tmp_path):
    main = write(
        tmp_path,
        base=(TASK + MODEL + INNER + OUTER + "train { iterations = 7, seed = 3 }\n"),
        main='import "base.meta"\ntrain { seed = 4 }\ntask sine = sinusoid { shots = 2 }\n',
    )
    spec = resolve(main).required()
    assert (spec.train.iterations, spec.train.seed, spec.tasks["sine"].shots) == (7, 4, 2)


def test_import_with_a_name_only_lends_its_blocks(tmp_path):
    main = write(
        tmp_path,
        base=(TASK + MODEL + INNER + OUTER + "train { seed = 3 }\nlet n = 6\n"),
        main='import "base.meta" as base\ntask sine = base.sine { shots = base.n }\n'
        "model net = base.net\ninner = base.inner\nouter = base.outer\n",
    )
    spec = resolve(main).required()
    assert (spec.tasks["sine"].shots, spec.train.seed, spec.preset) == (6, 0, "maml")


def test_copy_changes_the_given_fields_only():
    text = WHOLE + "task longer = sine { shots = 20 }\n"
    tasks = right(text).required().tasks
    assert (tasks["longer"].shots, tasks["longer"].queries, tasks["sine"].shots) == (20, 10, 10)


def test_copy_of_a_block_of_another_keyword():
    assert only(resolved(WHOLE + "model two = sine {}\n"), "E0210").related[0][0].line == 2


def test_circle_is_named(tmp_path):
    main = write(tmp_path, a='import "main.meta" as m\n', main='import "a.meta" as a\n')
    assert "main.meta -> a.meta -> main.meta" in only(resolve(main), "E0206").message


def test_missing_import_has_a_fix(tmp_path):
    main = write(tmp_path, base=TASK, main='import "bsae.meta" as base\n')
    assert only(resolve(main), "E0207").fix.edits[0][1] == '"base.meta"'


def test_mistakes_of_an_imported_file_are_shown_there(tmp_path):
    main = write(tmp_path, base="task sine = sinusoid { shts = 1 }\n", main='import "base.meta"\n')
    assert only(resolve(main), "E0203").span.source.name.endswith("base.meta")


def test_let_of_arithmetic():
    text = HEAD + "let half = 1 / 2\ntask sine = sinusoid { phase = uniform(-pi * half, 2 * (1 + half)) }\n"
    phase = right(text + MODEL + INNER + OUTER).required().tasks["sine"].phase
    assert phase.arguments == pytest.approx((-1.5707963267948966, 3.0))


def test_learned_let_used_twice_is_one_meta_parameter():
    text = HEAD + "let rate = learned(0.1, per = layer)\n" + TASK + MODEL + OUTER
    text += "inner = sgd { lr = rate, l2 = { head = 0, rest = rate } }\nmetagrad = unroll {}\n"
    inner = right(text).required().inner
    assert inner.lr == inner.l2.parts["rest"] == Learned[float](start=0.1, per=("layer",), name="rate")


def test_learned_values_without_a_let_are_named_by_their_path():
    text = HEAD + TASK + MODEL + OUTER + "metagrad = unroll {}\n"
    text += "inner = sgd { lr = { head = learned(0.1), rest = learned(0.2) } }\n"
    parts = right(text).required().inner.lr.parts
    assert [each.name for each in parts.values()] == ["inner.lr.head", "inner.lr.rest"]


def test_unused_let_is_a_warning():
    found = resolved(WHOLE + "let ways = 5\n")
    assert codes(found) == ["W0102"] and not found.failed


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ("outer = sgd {}\n", "E0205"),
        ("task sine = sinusoid {}\n", "E0205"),
        ("let a = 1\nlet a = 2\ntrain { seed = a }\n", "E0205"),
        ("train { seed = 1, seed = 2 }\n", "E0205"),
        ("train { seed = base.n }\n", "E0204"),
        ("train { seed = 1 / 0 }\n", "E0306"),
        ("train { seed = 1 + final }\n", "E0306"),
        ("evaluate { on = [snie] }\n", "E0204"),
        ("task b = base.c {}\n", "E0204"),
        ("train = fast {}\n", "E0202"),
    ],
)
def test_wrong_names(extra, code):
    assert code in codes(resolved(WHOLE + extra))


def test_independent_mistakes_are_all_reported():
    text = HEAD + "task sine = sinusoid { shots = 0, quries = 3 }\nmodel net = mlpp {}\n" + INNER
    text += "outer = adam { lr = -1, beta1 = 2 }\ntrain { objective = finale }\n"
    assert sorted(codes(resolved(text))) == ["E0202", "E0203", "E0302", "E0302", "E0302", "E0304"]


def test_path_in_an_imported_file_is_relative_to_that_file(tmp_path):
    below = tmp_path / "below"
    (below / "pictures").mkdir(parents=True)
    task = 'task a = fewshot { data = image_folder { path = "pictures" } }\n'
    (below / "base.meta").write_text(HEAD + task)
    main = tmp_path / "main.meta"
    main.write_text(HEAD + 'import "below/base.meta"\nmodel net = conv4 {}\n' + INNER + OUTER)
    assert located(resolve(main)).tasks["a"].data.path == str(below / "pictures")
    (tmp_path / "pictures").mkdir()
    main.write_text(HEAD + task + "model net = conv4 {}\n" + INNER + OUTER)
    assert located(resolve(main)).tasks["a"].data.path == "pictures"


def test_of_a_file_in_another_version_nothing_else_is_said():
    assert codes(resolve(Source("spec", "language 9\ntask a = nonsense {}"))) == ["E0209"]
