"""Who set a value, in the written order: defaults, imports, preset, file, sweep point, override."""

from metaspec.resolve import resolve
from metaspec.resolve.history import history
from tests.resolve.specs import HEAD, MODEL, OUTER, TASK, WHOLE, right


def chain(found, path):
    return [(origin.where, origin.value) for origin in found.provenance[path]]


def test_all_layers_in_order(tmp_path):
    (tmp_path / "base.meta").write_text(WHOLE.replace("lr = 1e-3", "lr = 2e-3"))
    main = tmp_path / "main.meta"
    main.write_text(HEAD + 'import "base.meta"\nouter = adam { lr = 3e-3 }\nsweep s { grid { outer.lr = [4e-3] } }\n')
    found = resolve(main, ["outer.lr=5e-3"], point=0)
    assert chain(found, "outer.lr") == [
        ("default", "0.001"),
        (f"import {tmp_path}/base.meta:5:21", "2e-3"),
        (f"{main}:3:21", "3e-3"),
        ("point 0 of sweep s", "4e-3"),
        ("-s outer.lr=5e-3", "5e-3"),
    ]
    assert found.required().outer.lr == 5e-3


def test_preset_then_file_then_override():
    found = right(WHOLE, "inner.lr=0.2")
    assert chain(found, "inner.lr") == [
        ("default", "0.01"),
        ("preset maml", "0.01"),
        ("test.meta:4:32", "0.01"),
        ("-s inner.lr=0.2", "0.2"),
    ]


def test_let_is_named_with_its_place():
    found = right(HEAD + "let n = 4\ntask sine = sinusoid { shots = n }\n" + MODEL + "inner = maml {}\n" + OUTER)
    last = found.provenance["sine.shots"][-1]
    assert (last.where, last.value, last.through) == ("test.meta:3:32", "4", "let n, test.meta:2:5")


def test_keyword_stands_for_the_only_block():
    found = right(WHOLE)
    assert list(history(found, "task.shots")) == ["sine.shots"]
    assert "inner.lr" in history(found, "inner")
    assert history(found, "inner.nothing") == {}


def test_default_of_a_kind_has_its_fields():
    found = right(HEAD + "task a = fewshot { data = glyphs }\nmodel net = conv4\ninner = maml\n" + OUTER)
    assert chain(found, "a.data.split.test") == [("default", "5")]


def test_data_path_belongs_to_the_file_that_holds_it(tmp_path):
    below = tmp_path / "below"
    below.mkdir()
    task = 'task a = fewshot { data = omniglot { path = "x" } }\n'
    (below / "base.meta").write_text(HEAD + task)
    main = tmp_path / "main.meta"
    main.write_text(HEAD + 'import "below/base.meta" as base\ntask b = base.a {}\n' + MODEL + "inner = maml\n" + OUTER)
    found = resolve(main)
    assert found.folder("b.data.path") == below
    assert found.folder("") == tmp_path


def test_task_line_alone_is_enough_for_the_place():
    found = right(HEAD + TASK + MODEL + "inner = maml\n" + OUTER)
    assert found.place("sine.shots").line == 2


def test_a_value_of_several_lines_is_shown_without_its_comments():
    data = """image_folder {
  path = "pics"  # beside this file
  size = 28      # pixels
}"""
    task = f"task t = fewshot {{ data = {data}, ways = 5, shots = 1 }}\n"
    found = right(HEAD + task + "model net = conv4 {}\ninner = maml {}\n" + OUTER)
    assert chain(found, "t.data")[-1][1] == 'image_folder { path = "pics", size = 28 }'


def test_defaults_have_their_units():
    found = right(WHOLE + "schedule = pool {}\n")
    assert chain(found, "schedule.deadline") == [("default", "600s")]
