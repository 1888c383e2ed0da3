"""Clusters in the report: who went where and how alike they are, and the cluster groups, foreseen and measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from metaspec.plan.drawing import duration, groups
from metaspec.plan.model import Group
from metaspec.report.markup import charts, figure, folded, paragraph, preformatted, section, table
from metaspec.report.reading import Line, Run

_CELL, _MARGIN, _LETTER = 18, 6, 6.4  # of the similarity matrix: a cell, space around, width of a letter
_LONGEST = 50  # rows of a table


def clusters(run: Run) -> str:
    """A section; empty for a run without clusters."""
    if not run.plan.execution.clusters:
        return ""
    found = {event["block"]: event for event in run.events if event["event"] == "Clustered"}
    placed = [event for event in run.events if event["event"] == "Placed"]
    return section(
        "Clusters",
        table(("cluster", "instances"), members(run, found)),
        charts(*(matrix(event) for event in found.values() if event["similarity"])),
        *(
            folded(
                f"Clusterings of {block}", table(("meta-iteration", "by", "instances that moved"), moves(run, block))
            )
            for block in found
        ),
        "<h3>Cluster groups</h3>" if placed else "",
        preformatted("\n".join(_bars(placed[-1]))) if placed else "",
        paragraph("Measured lengths of the last period, each a median for one meta-iteration.", "soft")
        if placed and placed[-1]["groups"]
        else "",
        table(
            ("after", "predicted makespan", "measured makespan", "workers idle", "shards moved"),
            (_placed(event) for event in placed[-_LONGEST:]),
            numbers=True,
        ),
    )


def members(run: Run, found: dict[str, Line]) -> Iterator[tuple[str, str]]:
    """Each cluster with the instances in it, those of the last clustering where the run has found them."""
    for cluster in run.plan.execution.clusters:
        event = found.get(cluster.block)
        own: Iterable[str] = map(str, cluster.members)
        if event:
            number = run.plan.spec.clusters[cluster.block].names(cluster.block).index(cluster.name)
            own = _own(event, number)
        yield cluster.name, ", ".join(own) or "none"


def _own(event: Line, number: int) -> list[str]:
    pairs = zip(event["instances"], event["clusters"], strict=True)
    return [instance for instance, cluster in pairs if cluster == number]


def moves(run: Run, block: str) -> Iterator[tuple[str, str, str]]:
    """A row for each clustering of a block: when, by what, and who changed the cluster."""
    before: Sequence[int] | None = None
    for event in run.events:
        if event["event"] == "Clustered" and event["block"] == block:
            now = event["clusters"]
            moved = (
                []
                if before is None
                else [
                    f"{name}: {block}_{old + 1} to {block}_{new + 1}"
                    for name, old, new in zip(event["instances"], before, now, strict=True)
                    if old != new
                ]
            )
            yield f"{event['iteration']:_}", f"{event['features']}, {event['method']}", ", ".join(moved) or "none"
            before = now


def matrix(event: Line) -> str:
    """The cosines as an SVG, the instances in the order of their clusters, each cluster framed."""
    order = sorted(range(len(event["instances"])), key=lambda place: (event["clusters"][place], place))
    names = [event["instances"][place] for place in order]
    left = _MARGIN + _LETTER * max(map(len, names))
    size = _CELL * len(order)
    body = []
    for row, one in enumerate(order):
        y = _MARGIN + row * _CELL
        body.append(f'<text x="{left - 4:.1f}" y="{y + 13}" text-anchor="end" class="tick">{escape(names[row])}</text>')
        for column, other in enumerate(order):
            value = event["similarity"][one][other]
            tone = "var(--c0)" if value >= 0 else "var(--bad)"
            label = f"{names[row]} and {names[column]}: {value:.2f}"
            body.append(
                f'<rect x="{left + column * _CELL:.1f}" y="{y}" width="{_CELL}" height="{_CELL}" '
                f'fill="{tone}" fill-opacity="{abs(value):.2f}"><title>{escape(label)}</title></rect>'
            )
    first = 0
    for number in sorted(set(event["clusters"])):
        length = event["clusters"].count(number)
        body.append(
            f'<rect x="{left + first * _CELL:.1f}" y="{_MARGIN + first * _CELL}" width="{length * _CELL}" '
            f'height="{length * _CELL}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        )
        first += length
    width, height = left + size + _MARGIN, size + 2 * _MARGIN
    svg = (
        f'<svg viewBox="0 0 {width:.0f} {height}" style="max-width: {width:.0f}px" role="img" '
        f'aria-label="similarity of the instances of {escape(event["block"])}">{"".join(body)}</svg>'
    )
    return figure(
        svg,
        f"Cosines between the {event['features']} of instances, in frames: the clusters of "
        f"{event['block']} after meta-iteration {event['iteration']:_}",
    )


def _bars(event: Line) -> Iterator[str]:
    packed = [Group(clusters=tuple(names), seconds=0.0) for names in event["groups"]]
    return groups(packed, {name: 0.0 for group in packed for name in group.clusters} | event["clusters"])


def _placed(event: Line) -> tuple[str, ...]:
    predicted = duration(max(event["predicted"])) if event["predicted"] else "no groups"
    return (
        f"{event['iteration']:_} meta-iterations",
        predicted,
        duration(event["makespan"]),
        f"{event['idle']:.0%}",
        f"{event['moved']:_}",
    )
