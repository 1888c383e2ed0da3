"""The report of a run: one HTML file that needs neither network nor script."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path

from metaspec.plan.render import normalisation
from metaspec.report import curves
from metaspec.report.adaptation import leading, rows, sentence
from metaspec.report.against import against
from metaspec.report.citations import citations
from metaspec.report.clusters import clusters
from metaspec.report.conduct import conduct
from metaspec.report.examples import examples, worst
from metaspec.report.learned import learned_values
from metaspec.report.learned_kinds import learned_kinds
from metaspec.report.levelling import levelling
from metaspec.report.markup import charts, folded, paragraph, preformatted, section, table, tile
from metaspec.report.reading import Run
from metaspec.runtime.files import replace
from metaspec.runtime.progress import duration
from metaspec.runtime.result import Figures
from metaspec.runtime.way_back import further
from metaspec.syntax.highlight import to_html

NAME = "report.html"


def write(run: Run) -> Path:
    """Write report.html into the run's folder. Raises DiskError."""
    path = run.folder.path / NAME
    replace(path, page(run).encode("utf-8"))
    return path


def page(run: Run) -> str:
    """The whole document."""
    style = (resources.files("metaspec.report") / "page.css").read_text(encoding="utf-8")
    body = "\n".join(part for part in _parts(run) if part)
    name = escape(run.plan.name)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{name}</title>\n<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _parts(run: Run) -> Iterator[str]:
    test = run.result.test if run.result else None
    yield f"<header><h1>{escape(run.plan.name)}</h1>{paragraph(_subtitle(run), 'soft')}</header>"
    yield f'<div class="tiles">{"".join(_tiles(run))}</div>'
    yield section(
        "What was learned",
        table(
            ("meta-parameter", "", "began as", "now"),
            (tuple((each.name, each.what, each.start, each.now)) for each in learned_values(run.plan, run.parameters)),
        )
        if run.parameters
        else "",
        learned_kinds(run),
    )
    if test:
        names = list(test.mean)
        yield section(
            "Adaptation to new tasks",
            paragraph(sentence(run.plan, test)),
            paragraph(f"Note: {note}.") if (note := normalisation(run.plan.spec)) else "",
            charts(
                *(
                    curves.adaptation(test, name, run.plan)
                    for name in sorted(names, key=lambda each: each != leading(test))
                )
            ),
            table(("inner steps", *names), _cells(test), numbers=True),
            paragraph("Means with 95 % intervals over tasks (Student's t).", "soft"),
        )
    yield against(run.result.against if run.result else ())
    yield section("A task", examples(run))
    yield section("The worst tasks", worst(run))
    yield section(
        "Training",
        paragraph(levelling(run.updates)),
        charts(
            *(curves.evaluation(run.evaluations, name, run.plan) for name in _metrics(run)),
            *curves.training(run.updates, run.plan),
        ),
    )
    yield clusters(run)
    yield section("Expected", *_expected(run))
    yield section("The spec", f"<pre>{to_html(run.spec.rstrip())}</pre>" if run.spec else "")
    yield section("Run it again", preformatted(again(run)), *_further(run))
    yield conduct(run)
    entries = "\n\n".join(citations(run.plan.spec).values())
    yield section("References", folded("BibTeX of the methods and data used", preformatted(entries)))


def again(run: Run) -> str:
    """The command that repeats the run."""
    return run.command or f"metaspec run {shlex.quote(str(run.folder.path / 'spec.meta'))}"


def _further(run: Run) -> Iterator[str]:
    """A run is not made longer; another one can begin with its weights."""
    if run.result and (on := further(run.plan, run.folder)):
        yield paragraph("To train a new run on from the weights that this one has learned:")
        yield preformatted(on)


def _subtitle(run: Run) -> str:
    spec = run.plan.spec
    method = spec.preset or spec.inner.name
    tasks = ", ".join(task.name for task in spec.tasks.values())
    models = ", ".join(model.name for model in spec.models.values())
    return f"{method} on {tasks}" + (f" with {models}" if models else "") + f", seed {spec.train.seed}"


def _tiles(run: Run) -> Iterator[str]:
    if run.result is None:
        yield tile("not finished", f"{len(run.updates):_} of {run.plan.spec.train.iterations:_} meta-iterations so far")
        return
    test = run.result.test
    metric, table_ = leading(test), rows(test)
    word = metric.replace("_", " ")
    if len(table_) > 1:
        yield tile(table_[0].figures[metric].text(), f"{word} before adaptation")
    yield tile(table_[-1].figures[metric].text(), f"{word} after {len(table_) - 1} inner steps")
    for each in run.result.expect:
        name = "met" if each.met else "not-met"
        yield tile("met" if each.met else "not met", f"expected {each.metric} {each.relation} {each.bound:g}", name)
    yield tile(duration(run.result.seconds), f"{run.result.iterations:_} meta-iterations")


def _cells(test: Figures) -> Iterator[tuple[str, ...]]:
    return ((str(row.steps), *(row.figures[name].text() for name in test.mean)) for row in rows(test))


def _metrics(run: Run) -> list[str]:
    names = dict.fromkeys(name for line in run.evaluations for name in line["mean"])
    return sorted(names, key=lambda name: name != "accuracy")


def _expected(run: Run) -> Iterator[str]:
    if not run.result or not run.result.expect:
        return
    rows_ = (
        (
            f"{each.metric} {each.relation} {each.bound:g}",
            "no figure" if each.value is None else f"{each.value:.4f}",
            "met" if each.met else "not met",
        )
        for each in run.result.expect
    )
    yield table(("condition", "figure", ""), rows_)
    expect = run.plan.spec.expect
    if expect and expect.source:
        yield paragraph(f"Source: {expect.source}", "soft")
