"""The public Python API."""

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
    with pytest.raises(metaspec.RunError, match="resume=True"), claim(tmp_path, resume=False):
        pass
