"""Rules about evaluation and what is expected of it."""

from __future__ import annotations

from collections.abc import Iterator

from metaspec.diagnostics import Diagnostic, error, warning
from metaspec.resolve.checks.facts import Facts
from metaspec.resolve.checks.learning import learned_in
from metaspec.resolve.unknown import unknown_word
from metaspec.source import Span

_TRAINABLE = ("problems", "training")
_ALWAYS = ("query_loss",)
_CLASSIFICATION = ("accuracy",)
_ACTING = ("return",)


def evaluations_happen(facts: Facts) -> Iterator[Diagnostic]:
    """An evaluation during the run comes before its end."""
    evaluate, train = facts.evaluate, facts.train
    if evaluate is None or train is None or evaluate.every is None:
        return
    if evaluate.every <= train.iterations or train.iterations == 0:  # without updates there is one evaluation
        return
    yield warning(
        "W0104",
        f"evaluating every {evaluate.every:_} meta-iterations never happens in {train.iterations:_}",
        facts.place("evaluate.every"),
        related=[(facts.place("train.iterations"), "the length of the run")],
        help=["the evaluation at the end remains"],
    )


def best_has_a_choice(facts: Facts) -> Iterator[Diagnostic]:
    """`keep = best` chooses among the evaluations during the run, and not on test tasks."""
    evaluate = facts.evaluate
    if evaluate is None or evaluate.keep != "best":
        return
    if evaluate.every is None:
        yield warning(
            "W0105",
            "`keep = best` has nothing to choose from without `every`",
            facts.place("evaluate.keep"),
            help=["add `every = N`"],
        )
    if evaluate.split == "test":
        yield warning(
            "W0106",
            "`keep = best` chooses on the test tasks, so the test figure is too good",
            facts.place("evaluate.keep"),
            related=[(facts.place("evaluate.split"), "chosen on these")],
            help=["take `split = validation`"],
        )


def expected_metrics_exist(facts: Facts) -> Iterator[Diagnostic]:
    """`expect` compares what an evaluation measures."""
    conditions = facts.expect.conditions if facts.expect else ()
    yield from _measured(facts, [(each.metric, facts.place(f"expect.{each.metric}")) for each in conditions])


def searched_metrics_exist(facts: Facts) -> Iterator[Diagnostic]:
    """A search scores its trials by what an evaluation measures."""
    searches = {key: sweep.search for key, sweep in facts.sweeps.items() if sweep.search}
    yield from _measured(facts, [(each.metric, facts.place(f"{key}.objective")) for key, each in searches.items()])


def _measured(facts: Facts, named: list[tuple[str, Span | None]]) -> Iterator[Diagnostic]:
    signatures = facts.signatures()
    if not signatures or set(signatures) != set(facts.tasks):
        return
    classifies = all(signature.classifies for signature in signatures.values())
    acts = all(signature.acts for signature in signatures.values())
    metrics = _ALWAYS + (_CLASSIFICATION if classifies else ()) + (_ACTING if acts else ())
    for metric, place in named:
        if metric in metrics:
            continue
        if metric in _CLASSIFICATION:
            yield error(
                "E0401",
                f"`{metric}` is for classification; these tasks are regression",
                place,
                related=[(facts.place(next(iter(signatures))), "a regression")],
                help=["compare `query_loss`"],
            )
        else:
            yield unknown_word("E0204", f"nothing measures `{metric}`", metric, list(metrics), place)


def searches_score_on_validation(facts: Facts) -> Iterator[Diagnostic]:
    """A search that chose on the test tasks would report a test figure that is too good.

    Wrong: `evaluate { split = test }` beside `search { .. }`. Right: `split = validation`, the default.
    """
    key = next((key for key, sweep in facts.sweeps.items() if sweep.search), None)
    if key is None or facts.evaluate is None or facts.evaluate.split == "validation":
        return
    place = facts.place(key)
    yield error(
        "E0401",
        f"a search chooses on the validation tasks, and evaluations take `{facts.evaluate.split}` tasks",
        facts.place("evaluate.split"),
        related=[(place, "the search")] if place else [],
        help=["leave out `split`"],
    )


def expectations_are_there(facts: Facts) -> Iterator[Diagnostic]:
    """An `expect` block without a comparison expects nothing."""
    if facts.expect is not None and not facts.expect.conditions:
        yield error(
            "E0208",
            "`expect` compares nothing",
            facts.place("expect"),
            help=["write a comparison, such as `accuracy >= 0.9`"],
        )


def baselines_learn_the_same(facts: Facts) -> Iterator[Diagnostic]:
    """A baseline is tuned on tasks of many steps from a start that nobody learned.

    Wrong: `evaluate { against = [adam] }` for few-shot tasks. Right: for `problems`, and for `training` tasks.
    """
    evaluate, inner = facts.evaluate, facts.inner
    if evaluate is None or not evaluate.against or inner is None:
        return
    names = evaluate.on or tuple(facts.tasks)
    other = next((name for name in names if name in facts.tasks and facts.tasks[name].name not in _TRAINABLE), None)
    if other is not None:
        yield error(
            "E0401",
            f"`against` compares optimizers on `problems` and `training` tasks, and `{other}` is "
            f"`{facts.tasks[other].name}`",
            facts.place("evaluate.against"),
            related=[(facts.place(other), "adapted in a few steps from what was learned")],
            help=["leave out `against`"],
        )
    elif getattr(inner, "steps", 0) == 0:
        yield error(
            "E0401",
            f"`against` compares inner steps, and `{inner.name}` has none",
            facts.place("evaluate.against"),
            help=["leave out `against`"],
        )
    elif any(True for _ in learned_in(getattr(inner, "init", None), "inner.init")):
        yield error(
            "E0401",
            "the initial weights are learned, and baselines start at weights that are not",
            facts.place("evaluate.against"),
            help=["leave out `against`, or do not learn `init`"],
        )


RULES = (
    evaluations_happen,
    best_has_a_choice,
    expected_metrics_exist,
    searched_metrics_exist,
    searches_score_on_validation,
    expectations_are_there,
    baselines_learn_the_same,
)
