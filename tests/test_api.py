"""The public Python API."""

from pathlib import Path

import numpy as np
import pytest

import metaspec
from tests.resolve.specs import SPECS

QUICKSTART = SPECS / "quickstart.meta"


def test_every_public_name_is_there():
    for name in metaspec.__all__:
        assert getattr(metaspec, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        metaspec.nothing  # noqa: B018


def test_load_and_change():
    loaded = metaspec.load(QUICKSTART, {"inner.lr": 0.2})
    assert loaded.spec.inner.lr == 0.2
    changed = metaspec.change(loaded, {"train.seed": 5, "inner.steps": 3})
    assert (changed.spec.inner.lr, changed.spec.train.seed, changed.spec.inner.steps) == (0.2, 5, 3)
    assert loaded.spec.train.seed == 1


def test_mistakes_leave_as_one_exception():
    with pytest.raises(metaspec.SpecError) as raised:
        metaspec.load(QUICKSTART, ["train.sed=1", "inner.lr=-1"])
    assert {each.code for each in raised.value.diagnostics} == {"E0801", "E0302"}


def test_a_spec_of_classes_prints_and_reads_back_equal():
    inner, task = metaspec.kind("inner", "sgd"), metaspec.kind("tasks", "sinusoid")
    rate = metaspec.Learned[float](start=0.1, per=("layer",), name="rate")
    spec = metaspec.Spec(
        language=1,
        tasks={"sine": task(shots=5)},
        models={"net": metaspec.kind("models", "mlp")(hidden=(20,))},
        inner=inner(init=metaspec.Learned[str](start="glorot_uniform", name="inner.init"), lr=rate, steps=2),
        metagrad=metaspec.kind("metagrads", "unroll")(order=1),
        outer=metaspec.kind("outers", "adam")(lr=metaspec.Decay(schedule="cosine", arguments=(1e-3, 0.0))),
        train=metaspec.Train(iterations=10, objective=metaspec.Weighted(weights=(0.0, 1.0))),
        schedule=metaspec.kind("schedules", "pool")(deadline=90.0),
        expect=metaspec.Expect(conditions=(metaspec.Condition(metric="query_loss", relation="<", bound=0.5),)),
    )
    text = metaspec.to_meta(spec)
    assert "let rate = learned(0.1, per = layer)" in text and "deadline = 90s" in text
    assert metaspec.check(spec) == ()
    assert metaspec.load(spec).spec == spec


def test_plan_is_an_object():
    plan = metaspec.plan(QUICKSTART, quick=True)
    assert plan.spec.train.iterations == 20
    assert str(plan).startswith("run       quickstart: 20 meta-iterations")


def test_kinds_by_the_words_of_the_language():
    assert metaspec.kind("task", "sinusoid") is metaspec.kind("tasks", "sinusoid")
    assert metaspec.kind("split", "fractions").category == "splits"


@pytest.mark.parametrize(
    ("call", "code", "words"),
    [
        (lambda: metaspec.kind("inner", "maml"), "E0202", "is a preset"),
        (lambda: metaspec.kind("inner", "sdg"), "E0202", "did you mean `sgd`?"),
        (lambda: metaspec.kind("iner", "sgd"), "E0202", "did you mean `inner`?"),
        (lambda: metaspec.kind("task", "sinusoid")(shots=0), "E0302", "`sinusoid.shots` is 0"),
        (lambda: metaspec.kind("task", "sinusoid")(shts=1), "E0203", "did you mean `shots`?"),
        (lambda: metaspec.kind("inner", "sgd")(lr="high"), "E0301", "an instance of Learned;"),
        (lambda: metaspec.kind("task", "fewshot")(ways=5), "E0208", "needs the field `data`"),
        (lambda: metaspec.Train(iterations=-1), "E0302", "`Train.iterations` is -1"),
    ],
)
def test_a_mistake_in_a_call_is_a_spec_error(call, code, words):
    with pytest.raises(metaspec.SpecError) as raised:
        call()
    assert raised.value.diagnostics[0].code == code and words in str(raised.value)


def test_values_without_names_where_the_language_has_none():
    assert metaspec.Learned(0.1, per=("layer",)).start == 0.1
    assert metaspec.Decay("cosine", (1e-3, 0.0)) == metaspec.Decay(schedule="cosine", arguments=(1e-3, 0.0))
    with pytest.raises(TypeError, match="takes 1 values without a name"):
        metaspec.Learned(0.1, 0.2)
    with pytest.raises(TypeError, match="two values for start"):
        metaspec.Learned(0.1, start=0.2)


def test_a_failed_run_says_the_way_out(tmp_path):
    from metaspec.runtime.folder import claim

    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "metrics.jsonl").write_text("{}\n")
    with pytest.raises(metaspec.RunError, match="resume=True"), claim(tmp_path, resume=False):
        pass


def test_numbers_of_numpy_stand_for_themselves_in_overrides():
    values = {
        "inner.lr": np.float64(0.1),
        "train.iterations": np.int64(3),
        "outer.lr": np.float32(0.5),
        "net.hidden": np.array([8, 9]),
        "metagrad.order": np.array(1),
    }
    spec = metaspec.load(QUICKSTART, values).spec
    assert (spec.inner.lr, spec.train.iterations, spec.outer.lr) == (0.1, 3, 0.5)
    assert spec.models["net"].hidden == (8, 9) and spec.metagrad.order == 1
    assert metaspec.check(QUICKSTART, {"net.hidden": [4, np.int32(5)]}) == ()


def test_numbers_of_numpy_and_paths_stand_for_themselves_in_classes(tmp_path):
    inner = metaspec.kind("inner", "sgd")(lr=metaspec.Learned(np.float64(0.1), per="layer"), steps=np.int64(2))
    assert type(inner.lr.start) is float and inner.lr.per == ("layer",) and type(inner.steps) is int
    assert metaspec.kind("model", "mlp")(hidden=np.array([3, 4])).hidden == (3, 4)
    assert metaspec.kind("data", "image_folder")(path=tmp_path).path == str(tmp_path)
    assert metaspec.Train(seed=np.uint8(3)).seed == 3
    flag = next(iter({np.bool_(True)}))
    assert metaspec.Condition(metric="loss", relation="<", bound=np.float32(0.5)).bound == 0.5 and flag


@pytest.mark.parametrize("value", [np.ones((2, 2)), object(), np.float64("nan")])
def test_a_value_that_has_no_text_is_a_spec_error(value):
    with pytest.raises(metaspec.SpecError) as raised:
        metaspec.load(QUICKSTART, {"inner.lr": value})
    assert raised.value.diagnostics[0].code == "E0802" and "`inner.lr` cannot be" in str(raised.value)


CHARACTERS = """language 1
task characters = fewshot { data = image_folder { path = "pics" }, ways = 5, shots = 1, queries = 5 }
model net = conv4
inner = maml { lr = 0.1, steps = 1 }
outer = adam { lr = 1e-3 }
"""


@pytest.mark.parametrize("given", ["newpics", "/data/new pics", "a/b.zip", "5", Path("newpics"), '"quo"', "true", "pi"])
def test_a_field_that_takes_only_a_text_takes_a_bare_word(given, tmp_path):
    file = tmp_path / "my.meta"
    file.write_text(CHARACTERS)
    found = metaspec.load(file, {"characters.data.path": given}).spec.tasks["characters"].data.path
    assert found == str(given).strip('"')
    if isinstance(given, str):
        assert metaspec.load(file, [f"task.data.path={given}"]).spec.tasks["characters"].data.path == found


def test_a_let_is_meant_before_a_bare_word(tmp_path):
    file = tmp_path / "my.meta"
    file.write_text(CHARACTERS.replace("language 1", 'language 1\nlet other = "elsewhere"').replace('"pics"', "other"))
    change = metaspec.load(file, ["task.data.path=other"])
    assert change.spec.tasks["characters"].data.path == "elsewhere"


def test_a_value_that_cannot_be_read_is_still_an_error():
    for text in ("inner.lr=a b", 'train.seed="', "net.hidden=[4"):
        with pytest.raises(metaspec.SpecError) as raised:
            metaspec.load(QUICKSTART, [text])
        assert raised.value.diagnostics[0].code == "E0802"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: metaspec.run(QUICKSTART, workers=3),
            r'metaspec.run\(\) .* `workers`; write run.*"schedule.workers": 3',
        ),
        (lambda: metaspec.run(QUICKSTART, quik=True), "did you mean `quick`"),
        (lambda: metaspec.plan(QUICKSTART, resume=True), r"metaspec.plan\(\) has no argument `resume`; there are"),
        (lambda: metaspec.check(QUICKSTART, pont=1), "did you mean `point`"),
    ],
)
def test_an_unknown_argument_is_named(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_to_meta_takes_a_spec_in_any_form():
    loaded = metaspec.load(QUICKSTART)
    text = metaspec.to_meta(loaded.spec)
    assert metaspec.to_meta(QUICKSTART) == metaspec.to_meta(str(QUICKSTART)) == metaspec.to_meta(loaded) == text


def test_options_count_for_a_spec_that_is_loaded(tmp_path):
    file = tmp_path / "swept.meta"
    file.write_text(QUICKSTART.read_text() + "\nsweep { grid { train.seed = [3, 4] } }\n")
    loaded = metaspec.load(file)
    assert metaspec.load(loaded, point=1).spec.train.seed == 4
