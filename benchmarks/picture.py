"""A chart as a file of its own: the `<svg>` of a report's page, with the page's colours in it."""

from __future__ import annotations

from pathlib import Path

STYLE = Path(__file__).parents[1] / "metaspec" / "report" / "page.css"


def write(path: Path, chart: str) -> None:
    """`chart` is what `metaspec.report.chart.line_chart` gives."""
    head, mark, rest = chart.partition(">")
    head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif"', 1)
    style = "\n".join(line for line in STYLE.read_text().splitlines() if not line.startswith("body"))
    path.write_text(f"{head}{mark}<style>{style}</style>{rest}\n")
