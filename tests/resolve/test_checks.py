"""Rules between blocks: each once wrong, with both places where two are involved."""

import os

import pytest
from PIL import Image

from metaspec.resolve import to_meta
from metaspec.resolve.checks.readiness import not_ready
from tests.resolve.specs import HEAD, INNER, MODEL, OUTER, TASK, WHOLE, codes, only, resolved, right
from tests.unprivileged import open_folder, unprivileged

GLYPHS = "glyphs { alphabets = 6 characters = 4 split = alphabets { test = 2 } }"
CHARACTERS = HEAD + f"task a = fewshot {{ data = {GLYPHS} }}\n"
CONV = CHARACTERS + "model net = conv4 { filters = 8 }\n" + INNER + OUTER


@pytest.mark.parametrize(
    ("text", "code", "words", "places"),
    [
        (HEAD + TASK + INNER + OUTER, "E0208", "needs a model", 0),
        (WHOLE + "model other = mlp\n", "E0401", "`other` is another", 1),
        (WHOLE + "task b = fewshot { data = glyphs }\n", "E0401", "cannot share a model", 1),
        (WHOLE + "train { on = [sin] }\n", "E0204", "names the task `sin`", 0),
        (WHOLE + "cluster c { tasks = [sien] }\n", "E0204", "`c.tasks`", 0),
        (WHOLE.replace("lr = 0.01", "adapt = [hidden3]"), "E0204", "hidden3", 0),
        (WHOLE.replace("lr = 0.01", "lr = { heda = 1, rest = 0 }"), "E0204", "heda", 0),
        (WHOLE.replace("lr = 0.01", "lr = { head = 1 }"), "E0208", "hidden1.kernel", 0),
        (HEAD + TASK + MODEL + "inner = sgd\nmetagrad = unroll\n" + OUTER, "E0401", "nothing is learned", 0),
        (
            WHOLE.replace("lr = 0.01", "init = learned(glorot_uniform, per = step)"),
            "E0401",
            "a value of its own at each of them",
            0,
        ),
        (WHOLE.replace("lr = 0.01", "lr = learned(0, scale = log)"), "E0302", "logarithmic", 0),
        (WHOLE.replace("lr = 0.01", "lr = learned(0.5, max = 0.4)"), "E0302", "outside its bounds", 0),
        (WHOLE.replace("lr = 0.01", "lr = learned(0.5, min = 1, max = 0.4)"), "E0302", "`min`", 0),
        (WHOLE + "metagrad = truncated { window = 2 }\n", "E0401", "a window of 2", 1),
        (
            WHOLE.replace("lr = 0.01", "lr = learned(0.1), proximal = 1") + "metagrad = implicit\n",
            "E0401",
            "step size",
            0,
        ),
        (WHOLE + "train { objective = weighted([1, 2]) }\n", "E0401", "2 weights for 1", 1),
        (WHOLE + "evaluate { every = 2_000 }\n", "W0104", "never happens", 0),
        (WHOLE + "evaluate { keep = best }\n", "W0105", "nothing to choose", 0),
        (WHOLE + "evaluate { keep = best, every = 5, split = test }\n", "W0106", "too good", 1),
        (WHOLE + "expect { accuracy >= 0.9 }\n", "E0401", "classification", 1),
        (WHOLE + "expect { query_los < 0.9 }\n", "E0204", "query_los", 0),
        (WHOLE + 'expect { source = "x" }\n', "E0208", "compares nothing", 0),
        (CONV.replace("filters = 8", "filters = 8, norm = group, groups = 3"), "E0401", "do not divide", 1),
        (CONV.replace("filters = 8", "downsample = pool").replace(GLYPHS, "digits"), "E0401", "nothing is left", 1),
        (WHOLE.replace("mlp", "conv4"), "E0401", "takes images", 0),
        (WHOLE + "schedule = inline { exchange = weights }\n", "E0403", "no field `exchange`", 0),
    ],
)
def test_rule(text, code, words, places):
    message = only(resolved(text), code)
    assert words in message.message or words in " ".join(message.help)
    assert message.span is not None
    assert len(message.related) == places


def test_learned_optimizer_has_no_implicit_gradient():
    text = HEAD + TASK + MODEL + "inner = mlp_optimizer { weights = learned(random) }\nmetagrad = implicit\n" + OUTER
    assert only(resolved(text), "E0401").related[0][0].line == 4


def test_right_spec_is_ready():
    assert not_ready(right(WHOLE)) == ()
    assert not_ready(right(CONV.replace("data = glyphs", "ways = 2, data = glyphs"))) == ()


@pytest.mark.parametrize(
    ("field", "words", "place"),
    [
        ("ways = 9", "9 ways are more than the 8 classes", "alphabets"),
        ("ways = 25", "25 ways are more than the 16 classes", "25"),  # no split has as many
        ("ways = 2, queries = 20", "20 to ask about", "20"),
    ],
)
def test_too_few(field, words, place):
    found = not_ready(right(CONV.replace("data = glyphs", f"{field}, data = glyphs")))
    assert {each.code for each in found} == {"E0503"}
    assert words in found[0].message and found[0].span.text == place


def test_nothing_is_asked_of_classes_to_train_on_where_nothing_is_trained(tmp_path):
    text = picture_spec(tmp_path, "abcdefgh", task="ways = 5, queries = 1", split=", split = classes { test = 8 }")
    (message,) = not_ready(right(text))
    assert message.code == "E0503" and "leave none of the 8 classes" in message.message
    assert not_ready(right(text + "train { iterations = 0 }\n")) == ()
    (message,) = not_ready(right(text.replace("test = 8", "test = 4") + "train { iterations = 0 }\n"))
    assert "5 ways are more than the 4 classes of image_folder in test" in message.message
    assert message.span.text == "classes" and "more classes by another split of its 8" in message.help[0]
    (message,) = not_ready(right(text.replace("test = 8", "test = 9") + "train { iterations = 0 }\n"))
    assert "are more than the 8 of image_folder" in message.message
    scored = text.replace("test = 8", "test = 5, validation = 3") + "train { iterations = 0 }\n"
    assert not_ready(right(scored)) == ()
    (message,) = not_ready(right(scored + "evaluate { every = 1 }\n"))
    assert "the 3 classes of image_folder in validation" in message.message


def test_own_folders_without_one_to_train_on(tmp_path):
    names = [f"test/{name}" for name in "abcde"]
    text = picture_spec(tmp_path, names, task="ways = 5, queries = 1", split=", split = folders {}")
    (message,) = not_ready(right(text))
    assert "has no folder train here" in message.message
    assert not_ready(right(text + "train { iterations = 0 }\n")) == ()


def test_missing_data_names_the_places(tmp_path, monkeypatch):
    monkeypatch.setenv("METASPEC_DATA", str(tmp_path))
    text = HEAD + 'task a = fewshot { data = omniglot { path = "nowhere" } }\nmodel net = conv4\n' + INNER + OUTER
    (message,) = not_ready(right(text))
    assert (message.code, message.span.text) == ("E0501", '"nowhere"')
    assert str(tmp_path / "nowhere") in message.message


def test_each_kind_that_cannot_run_is_named_once():
    text = HEAD + "task a = problems { set = bowl }\ntask b = problems { set = quadratic }\n" + OUTER
    text += "inner = mlp_optimizer { weights = learned(random) }\nmetagrad = pes { window = 2 }\n"
    found = not_ready(right(text))
    assert len(found) == len({each.message for each in found})
    assert {each.code for each in found} <= {"E0601"}


def test_checks_run_on_what_could_be_read():
    found = resolved(WHOLE.replace("lr = 1e-3", "lr = 0") + "expect { accuracy > 0 }\n")
    assert sorted(codes(found)) == ["E0302", "E0401"]
    assert found.spec is None


def picture_spec(root, names, task="ways = 2, queries = 1", split=""):
    for name in names:
        (root / "own" / name).mkdir(parents=True)
        for number in range(4):
            Image.new("L", (4, 4), number).save(root / "own" / name / f"{number}.png")
    data = f'image_folder {{ path = "{root / "own"}", size = 16{split} }}'
    return HEAD + f"task a = fewshot {{ data = {data}, {task} }}\nmodel net = conv4\n" + INNER + OUTER


PARTED = [f"{part}/{part}{number}" for part in ("train", "val", "test") for number in range(4)]


def test_own_folders_that_are_pooled_are_told_of(tmp_path):
    (message,) = not_ready(right(picture_spec(tmp_path, PARTED)))
    assert (message.code, message.span.text) == ("W0111", "image_folder")
    assert "train, validation and test" in message.message
    assert "`split = folders {}`" in message.help[0]
    (message,) = not_ready(right(picture_spec(tmp_path / "b", PARTED, split=", split = fractions {}")))
    assert (message.code, message.span.text) == ("W0111", "fractions")


def test_own_folders_that_are_taken_need_no_message(tmp_path):
    assert not_ready(right(picture_spec(tmp_path, PARTED, split=", split = folders {}"))) == ()


def test_own_folders_with_the_same_classes(tmp_path):
    names = ["train/a", "train/b", "train/c", "train/d", "train/e", "test/a", "test/b", "test/c", "test/d", "test/e"]
    pooled = ", split = fractions { validation = 0, test = 0.4 }"
    (message,) = not_ready(right(picture_spec(tmp_path, names, split=pooled)))
    assert message.code == "W0111" and "5 classes are in several" in message.help[0]
    (message,) = not_ready(right(picture_spec(tmp_path / "b", names, split=", split = folders {}")))
    assert (message.code, message.span.text) == ("E0504", "folders")


@pytest.mark.parametrize(
    ("task", "data", "fields", "way_out"),
    [
        (
            "fewshot",
            "digits { validation = 0.3, test = 0.1 }",
            "`validation` and `test` of",
            "validation = 0.3, test = 0.1",
        ),
        ("fewshot", "glyphs { test = 0.1 }", "`test` of", "`split = fractions { test = 0.1 }`"),
        ("fewshot", "digits { seed = 3 }", "`seed` of", "`split = fractions { seed = 3 }`"),
        ("training", "digits { split = classes { test = 2 } }", "`split` of", "`validation` and `test` of the data"),
        ("training", "glyphs { rotations = [0, 90] }", "`rotations` of", "leave `rotations` out"),
        (
            "training",
            'image_folder { path = "x", split = folders {}, test = 0.3 }',
            "`test` of",
            "leave the shares out",
        ),
    ],
)
def test_fields_without_effect_are_told_of(task, data, fields, way_out):
    text = HEAD + f"task a = {task} {{ data = {data} }}\nmodel net = conv4 {{ filters = 8 }}\n" + INNER + OUTER
    message = only(resolved(text), "W0114")
    assert message.message.startswith(fields) and message.message.endswith(f"no effect in a `{task}` task")
    assert way_out in message.help[0] and message.span.text in data and message.span.text != data


@pytest.mark.parametrize(
    ("task", "there", "not_there"),
    [("fewshot", {"split", "rotations"}, {"validation", "test"}), ("training", {"validation", "test"}, {"split"})],
)
def test_a_whole_spec_has_the_fields_with_an_effect(task, there, not_there):
    text = HEAD + f"task a = {task} {{ data = glyphs }}\nmodel net = conv4 {{ filters = 8 }}\n" + INNER + OUTER
    spec = right(text).required().model_copy(update={"preset": None})
    written = right(to_meta(spec, complete=True))
    assert written.spec == spec and "W0114" not in codes(written)
    own = {
        path.split(".")[2]
        for path, chain in written.provenance.items()
        if path.startswith("a.data.") and chain[-1].span
    }
    assert there <= own and not own & not_there


def test_a_field_without_effect_is_written_where_somebody_set_it():
    text = (
        HEAD + "task a = fewshot { data = glyphs { test = 0.1 } }\nmodel net = conv4 { filters = 8 }\n" + INNER + OUTER
    )
    spec = right(text).required().model_copy(update={"preset": None})
    assert right(to_meta(spec, complete=True)).spec == spec


def test_a_cache_that_cannot_be_written_is_found_by_a_check(tmp_path, monkeypatch):
    text = picture_spec(tmp_path, PARTED, split=", split = folders {}")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("METASPEC_CACHE", str(tmp_path / "file" / "cache"))
    (message,) = not_ready(right(text))
    assert (message.code, message.is_error) == ("E0502", True)
    assert f"the cache folder {tmp_path / 'file/cache/items'} cannot be written" in message.message
    assert "METASPEC_CACHE" in message.help[0]
    in_memory = CONV.replace(GLYPHS, "digits").replace("fewshot {", "fewshot { ways = 2,")
    assert not_ready(right(in_memory)) == ()


def test_a_cache_of_another_user_is_found_by_a_check(monkeypatch):
    with open_folder() as root:
        text = picture_spec(root, PARTED, split=", split = folders {}")
        (root / "cache").mkdir(mode=0o700)
        monkeypatch.setenv("METASPEC_CACHE", str(root / "cache"))
        if os.geteuid() != 0:
            (root / "cache").chmod(0o000)
        with unprivileged():
            (message,) = not_ready(right(text))
    assert message.code == "E0502" and message.message.endswith("cannot be written: Permission denied")


def test_what_is_passed_over_is_told_of(tmp_path):
    text = picture_spec(tmp_path, "abcdef", split=", split = fractions { validation = 0, test = 0.34 }")
    assert not_ready(right(text)) == ()
    (tmp_path / "own/b/7.dat").write_bytes(b"")
    (message,) = not_ready(right(text))
    assert message.message == "b/7.dat is passed over: by the ending of the name no picture"
    for name in ("x", "y", "z"):
        (tmp_path / "own" / name).mkdir()
        (tmp_path / "own/b" / f"{name}.dat").write_bytes(b"")
    folders, files = not_ready(right(text))
    assert {folders.code, files.code} == {"W0113"} and folders.span.text == f'"{tmp_path / "own"}"'
    assert folders.message == "3 folders, such as x (empty), hold no picture and are no classes"
    assert files.message == "4 files, such as b/7.dat, are passed over: by the ending of the name no pictures"
    for name in ("y", "z"):
        (tmp_path / "own" / name).rmdir()
    folders, _ = not_ready(right(text))
    assert folders.message == "x (empty) holds no picture and is no class"


def test_a_class_folder_without_permission_is_an_error():
    with open_folder() as root:
        text = picture_spec(root, "abcdef")
        (root / "own/c").chmod(0o000)
        with unprivileged():
            (message,) = not_ready(right(text))
        (root / "own/c").chmod(0o755)
    assert (message.code, message.is_error) == ("E0502", True)
    assert message.message.endswith("own/c cannot be read: permission denied")


def test_a_broken_picture_is_found_by_a_check(tmp_path):
    text = picture_spec(tmp_path, PARTED, split=", split = folders {}")
    (tmp_path / "own/val/val1/3.png").write_text("no picture")
    (message,) = not_ready(right(text))
    assert message.code == "E0502" and "val/val1/3.png" in message.message and message.span.line == 2
