"""The comparison with baselines on the page and in the terminal."""

from dataclasses import replace

from metaspec.report.page import page
from metaspec.report.summary import render
from metaspec.runtime.result import Comparison, Contender

CURVE = {"mean": (0.0, -1.0, -2.0), "half_width": (0.0, 0.1, 0.2)}
ADAM = Contender(
    name="adam", rate=0.1, at_the_end_of_the_grid=False, **CURVE, ahead=-0.5, ahead_half_width=0.1, outcome="win"
)
SGD = Contender(
    name="sgd", rate=10.0, at_the_end_of_the_grid=True, **CURVE, ahead=0.5, ahead_half_width=0.1, outcome="loss"
)
RMSPROP = Contender(
    name="rmsprop",
    rate=1e-3,
    at_the_end_of_the_grid=False,
    mean=(0.0, None, None),
    half_width=(0.0, None, None),
    ahead=None,
    ahead_half_width=None,
    outcome="even",
)
OWN = Contender(name="small_fc", rate=None, at_the_end_of_the_grid=False, **CURVE, ahead=None, ahead_half_width=None)
COMPARISON = Comparison(task="bowl <1>", tasks=7, contenders=(OWN, ADAM, SGD, RMSPROP))


def with_baselines(run):
    return replace(run, result=run.result.model_copy(update={"against": (COMPARISON,)}))


def test_page(run):
    assert "Against tuned baselines" not in page(run)
    text = page(with_baselines(run))
    assert "`small_fc` against tuned baselines, by task block: 1 won, 1 lost, 1 without a clear difference." in text
    assert "bowl &lt;1&gt; (7)" in text and "10 (end of grid)" in text and "not finite" in text
    assert text.count("log(f_t / f_0)") >= 3 and "bowl <1>" not in text


def test_terminal(run, tmp_path):
    text = render(with_baselines(run), tmp_path / "report.html", plain=True)
    (line,) = [line for line in text.splitlines() if line.lstrip().startswith("adam")]
    assert line.split() == ["adam", "0.1", "-2.0000", "+-", "0.2000", "0.5000", "+-", "0.1000", "win"]
    assert "1 won, 1 lost" in text
