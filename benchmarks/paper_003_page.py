"""What `benchmarks.paper_003` reads out of its runs, and the page with their curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

import numpy as np

from metaspec.report.adaptation import Figure
from metaspec.report.chart import Series, line_chart
from metaspec.report.markup import charts, figure, paragraph, section
from metaspec.report.reading import Run

_BINS = 60  # points of a curve of norms
_CONVEX = ("ConvexMAML", "Convex iMAML")
_STEPPED = ("MAML", "MAML, 5 steps")


@dataclass(frozen=True)
class Trained:
    """A finished run of a method. memory: MiB of all of its processes, where it was watched to its end."""

    name: str
    shots: int
    published: dict[int, float] | None
    run: Run
    memory: float | None

    @property
    def accuracy(self) -> Figure:
        test = self.run.result.test
        return Figure(test.mean["accuracy"][-1], test.half_width["accuracy"][-1])

    @property
    def seconds(self) -> float:
        return self.run.result.training_seconds

    @property
    def tasks_seen(self) -> int:
        return self.run.result.iterations * self.run.plan.tasks_per_iteration

    def curve(self) -> tuple[list[float], list[float]]:
        """Seconds of training and accuracy after the last inner step, at every evaluation.

        Meta-iterations take equal times, so that an evaluation's share of them is its share of the seconds.
        """
        each = self.seconds / self.run.result.iterations
        lines = [line for line in self.run.evaluations if line["iteration"] > 0]
        found = {line["iteration"]: line["mean"]["accuracy"][-1] for line in lines}
        return [iteration * each for iteration in found], list(found.values())

    def seconds_to(self, bound: float) -> float | None:
        """Until the first evaluation with at least this accuracy; None where there is none."""
        return next((x for x, y in zip(*self.curve(), strict=True) if y >= bound), None)

    @property
    def norms(self) -> np.ndarray:
        """The norm of the meta-gradient in every meta-iteration."""
        return np.array([line["gradient_norm"] for line in self.run.updates])

    @property
    def unrest(self) -> float:
        return unrest(self.norms)


def unrest(norms: np.ndarray) -> float:
    """The mean change of the norm's logarithm from one meta-iteration to the next; 0 for a constant norm."""
    return float(np.abs(np.diff(np.log(np.maximum(norms, 1e-30)))).mean()) if len(norms) > 1 else 0.0


def thresholds(own: Sequence[Trained]) -> Iterator[str]:
    """How many times fewer seconds the convex methods take than MAML, where both arrive."""
    by_name = {each.name: each for each in own}
    for name in (each for each in _CONVEX if each in by_name):
        for other in (each for each in _STEPPED if each in by_name):
            for bound in (0.76, 0.95):
                ours, theirs = by_name[name].seconds_to(bound), by_name[other].seconds_to(bound)
                if ours and theirs:
                    yield f"{name} to {bound:.2f}: {theirs / ours:.1f} times fewer seconds than {other}"


def document(found: Sequence[Trained], processor: str) -> str:
    """The page: accuracy over seconds, and the norm of the meta-gradient, for each number of shots."""
    style = (resources.files("metaspec.report") / "page.css").read_text(encoding="utf-8")
    parts = [f"<h1>Khullar and Srivastava, table 2</h1>{paragraph(processor, 'soft')}"]
    for shots in dict.fromkeys(each.shots for each in found):
        own = [each for each in found if each.shots == shots]
        parts.append(section(f"5-way {shots}-shot", charts(*_drawn(own))))
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape('Khullar and Srivastava, table 2')}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _drawn(own: Sequence[Trained]) -> Iterator[str]:
    """No more lines in a chart than there are colours."""
    half = (len(own) + 1) // 2
    for group in (own[:half], own[half:]):
        if group:
            lines = [Series(each.name, *each.curve()) for each in group]
            yield figure(line_chart(lines, "seconds of training", "accuracy", share=True), "On test tasks.")
    for group in (own[:half], own[half:]):
        if group:
            lines = [_norms(each) for each in group]
            chart = line_chart(lines, "meta-iteration", "norm of the meta-gradient", logarithmic=True)
            yield figure(chart, "Means of the logarithm over equal stretches; bands hold the middle 80 %.")


def _norms(each: Trained) -> Series:
    pieces = np.array_split(np.maximum(each.norms, 1e-30), min(_BINS, len(each.norms)))
    ends = np.cumsum([len(piece) for piece in pieces])
    middle = [float(np.exp(np.log(piece).mean())) for piece in pieces]
    low, high = ([float(np.quantile(piece, share)) for piece in pieces] for share in (0.1, 0.9))
    return Series(each.name, ends.tolist(), middle, low, high)
