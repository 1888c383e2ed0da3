import json

import pytest
from PIL import Image

from metaspec.cli.main import COMMANDS, main
from metaspec.cli.new import templates
from metaspec.resolve import resolve
from metaspec.source import Source
from tests.resolve.specs import SPECS, WHOLE

QUICKSTART = SPECS / "quickstart.meta"


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "spec.meta"
    path.write_text(WHOLE)
    return path


def test_check_of_a_right_spec(spec, capsys):
    assert main(["check", str(spec)]) == 0
    assert capsys.readouterr().out == f"{spec}: no mistakes found\n"


def test_check_of_a_wrong_spec(spec, capsys):
    spec.write_text(WHOLE.replace("lr = 1e-3", "rate = 1e-3"))
    assert main(["check", str(spec)]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and "error[E0203]" in shown.err and "\x1b[" not in shown.err


def test_check_as_json(spec, capsys):
    spec.write_text(WHOLE.replace("adam", "adm"))
    assert main(["check", "--json", str(spec)]) == 1
    shown = capsys.readouterr()
    (message,) = json.loads(shown.out)["diagnostics"]
    assert (message["code"], message["place"]["line"], message["fix"]["edits"][0]["text"]) == ("E0202", 5, "adam")
    assert shown.err == ""


def test_check_of_several_files(spec, tmp_path, capsys):
    wrong = tmp_path / "wrong.meta"
    wrong.write_text(WHOLE.replace("adam", "adm"))
    assert main(["check", str(spec), str(wrong)]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{spec}: no mistakes found\n" and shown.err.count("error[E0202]") == 1
    assert main(["check", "--json", str(spec), str(wrong)]) == 1
    documents = json.loads(capsys.readouterr().out)
    assert [(each["file"], len(each["diagnostics"])) for each in documents] == [(str(spec), 0), (str(wrong), 1)]


def test_check_mends_what_has_one_way_out(spec, capsys):
    spec.write_text(WHOLE.replace("adam", "adm").replace("steps", "stpes"))
    assert main(["check", "--fix", str(spec)]) == 0
    assert spec.read_text() == WHOLE


def test_check_names_each_kind_that_cannot_run(spec, capsys):
    text = (SPECS / "dmaml_weights.meta").read_text().replace("conv4 {}", "resnet12 {}")
    spec.write_text(text)
    assert main(["check", str(spec)]) == 1
    assert capsys.readouterr().err.count("the model `resnet12` is not yet available") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chekc"],
        ["check"],
        ["check", "no.meta"],
        ["check", "x", "--nothing"],
        ["explain", "E9999"],
        ["explain", "no_such_thing"],
        ["list", "inn"],
        ["new", "quikstart"],
        ["check", "--fix", "-"],
    ],
)
def test_wrong_use(arguments, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert "Traceback" not in shown.err and (shown.err or shown.out)


def test_file_that_is_no_text(tmp_path, capsys):
    path = tmp_path / "x.meta"
    path.write_bytes(b"\xff\xfe")
    assert main(["check", str(path)]) == 2
    assert "not UTF-8" in capsys.readouterr().err


def test_fmt(spec, capsys):
    spec.write_text("language 1\nouter=adam{lr=1e-3}  # why\n")
    assert main(["fmt", "--check", str(spec)]) == 1
    assert main(["fmt", str(spec)]) == 0
    assert spec.read_text() == "language 1\nouter = adam { lr = 1e-3 }  # why\n"
    assert main(["fmt", "--check", str(spec)]) == 0


def test_show_of_each_form(spec, capsys):
    assert main(["show", str(spec), "--as", "tree"]) == 0
    assert "Block(keyword=Name(text='outer')" in capsys.readouterr().out
    assert main(["show", str(spec), "--as", "ir", "-s", "outer.lr=0.5"]) == 0
    assert json.loads(capsys.readouterr().out)["outer"]["lr"] == 0.5
    assert main(["show", str(spec), "--as", "meta", "--expanded"]) == 0
    expanded = capsys.readouterr().out
    assert "unroll { order = 2" in expanded
    assert not resolve(Source("shown", expanded)).failed


def test_explain_a_value(spec, capsys):
    assert main(["explain", str(spec), "inner.lr", "-s", "inner.lr=0.2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "inner.lr"
    assert [line.split()[0] for line in lines[1:]] == ["default", "preset", f"{spec}:4:32", "-s"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("e0203", "unknown field"),
        ("inner.sgd", "w <- w - lr * grad"),
        ("inner.sgd.lr", "a number of 0 or more"),
        ("maml", "stands for"),
        ("train", "meta-iterations"),
        ("split", "split.official"),
        ("task.fewshot", "@inproceedings{vinyals2016,"),
    ],
)
def test_explain_a_word(what, words, capsys):
    assert main(["explain", what]) == 0
    assert words in capsys.readouterr().out


def test_list_as_json_has_every_kind(capsys):
    assert main(["list", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    kinds = {(each["category"], each["name"]): each for each in document["kinds"]}
    assert kinds["inner", "sgd"]["available"] and kinds["exchanges", "weights"]["available"]
    assert kinds["inner", "sgd"]["fields"]["lr"]["takes"].startswith("a number of 0 or more")
    assert "resnet12" in document["announced"]["models"]


def test_list_of_one_category(capsys):
    assert main(["list", "outer"]) == 0
    assert "rmsprop" in capsys.readouterr().out


@pytest.mark.parametrize("name", templates())
def test_templates_resolve_and_are_formatted(name, tmp_path, capsys):
    path = tmp_path / "new.meta"
    assert main(["new", name, str(path)]) == 0
    assert main(["new", name, str(path)]) == 2  # never overwrites
    found = resolve(path)
    assert [each.message for each in found.diagnostics] == []


def test_plan_as_json(capsys):
    assert main(["plan", str(QUICKSTART), "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["tasks_per_iteration"] == 25 and plan["spec"]["preset"] == "maml"


def test_plan_of_a_wrong_spec(spec, capsys):
    spec.write_text(WHOLE.replace("mlp", "conv4"))
    assert main(["plan", str(spec), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["diagnostics"][0]["code"] == "E0401"


def test_every_command_has_help(capsys):
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        assert command in capsys.readouterr().out


def test_a_sweep_is_named_by_its_place_or_by_the_flag_of_the_other_commands(spec, capsys):
    spec.write_text(WHOLE + "\nsweep one { grid { inner.lr = [0.1] } }\nsweep two { grid { inner.lr = [0.2] } }\n")
    assert main(["sweep", str(spec)]) == 1
    assert "there are several sweeps" in capsys.readouterr().err
    for named in (["three"], ["--sweep", "three"]):
        assert main(["sweep", str(spec), *named]) == 1
        assert "there is no sweep `three`" in capsys.readouterr().err


def test_a_run_of_a_spec_with_sweeps_says_that_it_leaves_them_out(spec, tmp_path, capsys):
    spec.write_text(WHOLE + "\nsweep one { grid { inner.lr = [0.1] } }\n")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").write_text("not of a run")
    main(["run", str(spec), "--out", str(tmp_path / "taken")])  # refused, and nothing is compiled
    assert f"`metaspec sweep {spec}` runs the points of its sweep" in capsys.readouterr().err


def test_plan_and_run_show_the_warnings_about_data(spec, tmp_path, capsys):
    for name in "abcdefghij":
        (tmp_path / "own" / name).mkdir(parents=True)
        for number in range(2):
            Image.new("L", (4, 4), number).save(tmp_path / "own" / name / f"{number}.png")
    task = 'task sine = fewshot { data = image_folder { path = "own", size = 8 }, ways = 2, queries = 1 }'
    spec.write_text("\n".join(task if line.startswith("task ") else line for line in WHOLE.splitlines()))
    assert main(["plan", str(spec)]) == 0
    assert "W0113" not in capsys.readouterr().err
    (tmp_path / "own/a/2.dat").write_bytes(b"")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine").write_text("not of a run")  # `run` is refused, and nothing is compiled
    for command, code in (["plan", str(spec)], 0), (["run", str(spec), "--out", str(tmp_path / "taken")], 3):
        assert main(command) == code
        assert "warning[W0113]: a/2.dat is passed over" in capsys.readouterr().err


def test_explain_a_sweep_shows_what_stands_in_one(capsys):
    assert main(["explain", "sweep"]) == 0
    shown = capsys.readouterr().out
    for part in ("grid", "zip", "list", "when", "search"):
        assert f"\n    {part} " in shown
    assert "takes BLOCK is KIND { PATH = VALUE, .. }" in shown and "axes" not in shown and "default" not in shown
