"""The progress of a run for people: a live bar on a terminal, plain lines elsewhere. Both are sinks."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from metaspec.runtime import events
from metaspec.runtime.events import Event, Sink

_WINDOW = 30.0  # seconds that the pace is measured over
_BETWEEN_LINES = 5.0  # seconds between two plain lines about updates


class Pace:
    """Meta-iterations per second over the last half minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()

    def mark(self, iteration: int) -> None:
        now = self._clock()
        self._marks.append((now, iteration))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW:
            self._marks.popleft()

    @property
    def per_second(self) -> float:
        """0 until two marks are there."""
        if len(self._marks) < 2:
            return 0.0
        (began, first), (ended, last) = self._marks[0], self._marks[-1]
        return (last - first) / (ended - began) if ended > began else 0.0


@contextmanager
def display(stream: TextIO, color: bool = True) -> Iterator[Sink]:
    """A sink that shows a run on `stream`: live where that is a terminal, as lines where it is not."""
    if not stream.isatty():
        yield Lines(lambda text: print(text, file=stream, flush=True))
        return
    console = Console(file=stream, no_color=not color, highlight=False)
    name, now = TextColumn("{task.description}"), TextColumn("{task.fields[now]}")
    with Progress(name, BarColumn(), MofNCompleteColumn(), now, console=console, transient=True) as bar:
        yield Bar(bar)


class Bar:
    """The live form: one bar for the updates, and above it the lines of `told`."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._pace = Pace()
        self._started: events.Started | None = None
        self._task = bar.add_task("preparing", total=None, now="")

    def __call__(self, event: Event) -> None:
        if isinstance(event, events.Started):
            self._started = event
            done, total = event.iteration, event.iterations
            self._bar.update(self._task, description=event.name, completed=done, total=total)
        elif isinstance(event, events.Iterated) and self._started:
            self._pace.mark(event.iteration)
            now = _now(event, self._started, self._pace)
            self._bar.update(self._task, completed=event.iteration, now=now)
        if text := told(event):
            self._bar.console.print(text, markup=False, highlight=False)


class Lines:
    """The plain form: every few seconds a line about the updates, and the lines of `told`."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock = write, clock
        self._pace = Pace(clock)
        self._started: events.Started | None = None
        self._ready = False
        self._next = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, events.Preparing):
            self._ready = False
            self._write(_preparing(event))
        elif isinstance(event, events.Compiling):
            self._write("compiling the graphs; the next run of the same plan only loads them")
        elif isinstance(event, events.WorkerStarted) and not self._ready:
            self._ready = True
            self._write(f"the first worker was ready after {duration(event.seconds)}")
        elif isinstance(event, events.Started):
            self._started = event
            self._next = self._clock()  # the first update is told of as soon as it is made
        elif isinstance(event, events.Iterated) and self._started:
            self._pace.mark(event.iteration)
            if self._clock() >= self._next:
                self._next = self._clock() + _BETWEEN_LINES
                total = self._started.iterations
                self._write(f"{event.iteration}/{total}  {_now(event, self._started, self._pace)}")
        if text := told(event):
            self._write(text)


def _preparing(event: events.Preparing) -> str:
    if event.workers == 0:
        return "building the graphs; the first update also compiles them"
    return f"starting {event.workers} worker{'' if event.workers == 1 else 's'}, which takes some seconds"


def told(event: Event) -> str | None:
    """An event as a line; None for those that need none."""
    match event:
        case events.PointBegun():
            done = f"; {event.done}" if event.done else ""
            return f"point {event.number} of 0..{event.size - 1}: {event.values}{done}"
        case events.PointStopped():
            return f"point {event.number} {event.end}: {event.message}"
        case events.Started(iteration=iteration, iterations=iterations):
            since = f" from {iteration + 1} on" if iteration else ""
            return f"{event.name}: {iterations} meta-iterations{since} in {event.folder}"
        case events.Evaluated():
            best = ", the best so far" if event.best else ""
            return f"{event.iteration}  {event.split}: {_figures(event)} over {event.tasks} tasks{best}"
        case events.WorkerLost():
            what = (
                f"; {event.work} {'is sent again' if event.again else 'was sent for the last time'}"
                if event.work
                else ""
            )
            return f"worker {event.worker} {event.reason} and is replaced{what}"
        case events.ShardFailed():
            return f"{event.work} failed at attempt {event.attempt}: {event.reason}"
        case events.ShardSkipped():
            return f"{event.work} is left out after {event.attempts} attempts"
        case events.Warned():
            return f"warning[{event.code}]: {event.message}"
    return None


def _figures(event: events.Evaluated) -> str:
    """After the last evaluated step: "accuracy 0.912 ± 0.008"."""
    return ", ".join(
        f"{metric} {_number(steps[-1])} ± {_number(event.half_width[metric][-1])}"
        for metric, steps in event.mean.items()
    )


def _now(event: events.Iterated, started: events.Started, pace: Pace) -> str:
    """Loss and other metrics of the last update, tasks per second, time left."""
    parts = [f"{metric} {_number(value)}" for metric, value in _shown(event.metrics).items()]
    if pace.per_second > 0:
        left = (started.iterations - event.iteration) / pace.per_second
        parts += [rate(pace.per_second * started.tasks_per_iteration), f"{duration(left)} left"]
    return "  ".join(parts)


def _shown(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if name != "gradient_norm"}


def _number(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.4g}"


def rate(per_second: float, many: str = "tasks/s", one: str = "a task") -> str:
    """How fast tasks are done, or how long one takes where it takes a second and more: 250 tasks/s, 20 s a task."""
    if per_second >= 1:
        return f"{per_second:_.0f} {many}"
    return f"{duration(1 / per_second)} {one}" if per_second > 0 else f"0 {many}"


def duration(seconds: float) -> str:
    """41 s, 5 min 10 s, 2 h 03 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
