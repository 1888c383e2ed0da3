"""The end of a run in a terminal."""

import math
from dataclasses import replace

import numpy as np

from metaspec.report.adaptation import Figure, Row, selected
from metaspec.report.citations import citations
from metaspec.report.learned import learned_values
from metaspec.report.summary import render


def test_summary_has_what_was_learned_and_every_step(run, folder):
    text = render(run, folder / "report.html")
    assert "inner.init" in text and "inner.lr" in text
    for mean in run.result.test.mean["accuracy"]:
        assert f"{mean:.4f}" in text
    assert "expected query_loss < 0: NOT met" in text
    assert str(folder / "report.html") in text


def test_figures_of_items_that_are_normalised_together_are_told(run, folder):
    """Those of `norm = batch`, unless the evaluation took them one at a time."""

    def told(**fields):
        spec = run.plan.spec
        changed = spec.model_copy(update={"evaluate": spec.evaluate.model_copy(update=fields)})
        plan = run.plan.model_copy(update={"spec": changed})
        return "normalised together" in render(replace(run, plan=plan), folder / "report.html")

    assert told() and not told(transductive=False)


def test_plain_summary_is_ascii(run, folder):
    assert render(run, folder / "report.html", plain=True).isascii()


def test_learned_step_sizes_are_shown_as_themselves(run):
    """They are kept as logarithms; the text has the values, one for each layer."""
    value = next(each for each in learned_values(run.plan, run.parameters) if each.name == "inner.lr")
    stored = run.parameters["meta/inner.lr"]
    assert value.start == "0.4"
    assert [float(word) for word in value.now.replace(",", "").split()[1::2]] == [
        float(f"{math.exp(number):.4g}") for number in stored
    ]


def test_initial_weights_are_counted(run):
    value = next(each for each in learned_values(run.plan, run.parameters) if each.name == "inner.init")
    arrays = [array for key, array in run.parameters.items() if key.startswith("meta/inner.init/")]
    assert value.numbers == sum(array.size for array in arrays)
    whole = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    assert value.now == f"between {whole.min():.3g} and {whole.max():.3g}, in parameters.safetensors"


def test_long_tables_are_thinned():
    table = tuple(Row(step, {"loss": Figure(1.0, None)}) for step in range(101))
    assert [row.steps for row in selected(table)] == [0, 1, 2, 5, 10, 20, 50, 100]


def test_citations_are_those_of_the_kinds_used(run):
    assert list(citations(run.plan.spec))[:1] == ["finn2017"]
    assert {"vinyals2016", "kingma2015"} <= set(citations(run.plan.spec))
