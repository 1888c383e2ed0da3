import pytest

from metaspec.resolve import resolve
from metaspec.resolve.sweeps import point_assignments
from metaspec.source import Source
from tests.resolve.specs import SPECS, WHOLE, codes, only, resolved, right

SWEEP = """sweep s {
  grid { outer.lr = [0.1, 0.2], train.seed = 0..2 }
  list metagrad { unroll { order = 1 }  unroll { order = 2 } }
  when metagrad is unroll { inner.steps = 3 }
}
"""


def test_points_are_counted_and_not_built():
    huge = WHOLE + "sweep s { grid { train.seed = 0..999, outer.lr = logspace(1e-4, 1, 700), inner.steps = 1..50 } }\n"
    assert resolved(huge).spec.sweeps["s"].size == 35_000_000


def test_last_axis_changes_fastest():
    sweep = right(WHOLE + SWEEP).required().sweeps["s"]
    rows = [[each.value.value for each in point_assignments("s", sweep, k)[:2]] for k in (0, 1, 2, 5, 6, 11)]
    assert sweep.size == 12
    assert rows == [[0.1, 0], [0.1, 0], [0.1, 1], [0.1, 2], [0.2, 0], [0.2, 2]]


def test_point_resolves_with_its_assignments():
    found = right(WHOLE + SWEEP, point=9)
    spec = found.required()
    assert (spec.outer.lr, spec.train.seed, spec.metagrad.order, spec.inner.steps) == (0.2, 1, 2, 3)
    assert found.provenance["inner.steps"][-1].where == "point 9 of sweep s"


def test_override_wins_over_a_point():
    assert right(WHOLE + SWEEP, "outer.lr=0.5", point=9).required().outer.lr == 0.5


def test_zip_pairs():
    text = WHOLE + "sweep s { zip { outer.lr = [0.1, 0.2], train.seed = [7, 8] } }\n"
    assert [right(text, point=k).required().train.seed for k in (0, 1)] == [7, 8]


def test_logspace_has_exact_ends_and_short_numbers():
    text = WHOLE + "sweep s { grid { outer.lr = logspace(1e-4, 1e-1, 4) } }\n"
    assert [right(text, point=k).required().outer.lr for k in range(4)] == [1e-4, 1e-3, 1e-2, 1e-1]


def test_methods_of_the_design_spec():
    text = (SPECS / "es_versus_pes.meta").read_text()
    kinds = [right(text, point=k).required().metagrad.name for k in range(4)]
    assert kinds == ["truncated", "unroll", "es", "pes"]


def test_presets_in_a_list():
    text = WHOLE + "sweep s { list inner { maml { lr = 0.1 } fomaml anil } }\n"
    specs = [right(text, point=k).required() for k in range(3)]
    assert [(each.metagrad.order, each.inner.adapt, each.preset) for each in specs] == [
        (2, "all", "maml"),
        (1, "all", "fomaml"),
        (2, "head", "anil"),
    ]


@pytest.mark.parametrize(
    ("sweep", "code"),
    [
        ("grid { outer.lr = 0.1 }", "E0803"),
        ("grid { outer.lr = [] }", "E0803"),
        ("grid { outer.lr = 3..1 }", "E0803"),
        ("grid { outer.lr = logspace(0, 1, 3) }", "E0803"),
        ("zip { outer.lr = [0.1], train.seed = [1, 2] }", "E0803"),
        ("grid { train.seed = 0..2 } grid { train.seed = 0..2 }", "E0205"),
        ("grid { outer.rate = [0.1] }", "E0801"),
        ("grid { outre.lr = [0.1] }", "E0801"),
        ("grid { outer.lr = [0.1, -1] }", "E0302"),
        ("list metagrad { unrol {} }", "E0202"),
        ("search { outer.lr = loguniform(1e-4, 1e-1) trials = 40 } when outer is adam { outer.lr = 1 }", "E0803"),
        ("", "E0803"),
    ],
)
def test_wrong_sweep(sweep, code):
    assert code in codes(resolved(WHOLE + f"sweep s {{ {sweep} }}\n"))


def test_point_that_is_not_there():
    assert "0 to 11" in only(resolved(WHOLE + SWEEP, point=12), "E0804").message


def test_which_sweep():
    two = WHOLE + SWEEP + "sweep other { grid { train.seed = [1] } }\n"
    assert "which sweep" in only(resolved(two, point=0), "E0804").message
    assert right(two, point=0, sweep="other").required().train.seed == 1


METHODS = """language 1
task sine = sinusoid {}
model net = mlp { hidden = [4] }
inner = maml {}
outer = adam {}
train { iterations = 4, tasks = 2 }
sweep methods { list inner { maml {} reptile {} maml_plus_plus {} } }
"""


def brought(point=None, text=METHODS, overrides=()):
    found = resolve(Source("swept", text), overrides, point=point).diagnostics
    return [(each.message.split(",")[0], each.span.line) for each in found if each.code == "N0103"]


def test_a_preset_of_a_point_that_replaces_a_block_of_the_file_is_told_of():
    reptile = ("`inner = reptile` of `sweep methods` brings `outer = sgd`", 5)
    plus = ("`inner = maml_plus_plus` of `sweep methods` brings an `outer = adam` of its own", 5)
    assert brought() == [reptile, plus]
    assert (brought(0), brought(1), brought(2)) == ([], [reptile], [plus])
    assert brought(overrides=["inner=reptile"])[0] == ("`-s inner=reptile` brings `outer = sgd`", 5)
    # A later axis keeps the block at every point, and a file without one has nothing replaced.
    kept = METHODS.replace("{} } }", "{} } list outer { adam {} } }")
    assert resolve(Source("swept", kept), point=1).required().outer.name == "adam"
    assert (brought(text=kept), brought(1, kept)) == ([], [])
    assert (brought(overrides=["outer=adam {}"]), brought(1, overrides=["outer=adam {}"])) == ([], [])
    late = METHODS.replace("{ list inner", "{ list outer { adam {} } list inner")  # the preset comes later, and wins
    assert brought(text=late) == brought() and brought(1, late)[0][0] == reptile[0]
    assert brought(text=METHODS.replace("outer = adam {}\n", "").replace("maml {} reptile", "reptile")) == []


def test_a_preset_of_a_point_leaves_the_rest_of_train_as_written():
    """maml_plus_plus sets the objective; the number of meta-iterations fell back to its default."""
    spec = resolve(Source("swept", METHODS), point=2).required()
    assert (spec.train.iterations, spec.train.tasks) == (4, 2)
    assert spec.train.objective != resolve(Source("swept", METHODS), point=0).required().train.objective
