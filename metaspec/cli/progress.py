"""Plain lines about a run under way, for logs and for terminals without cursor movement."""

from __future__ import annotations

import time
from typing import TextIO

from metaspec.runtime.events import Event, Evaluated, Finished, Iterated, Sink, Started, Warned, WorkerLost
from metaspec.units import format_count, format_duration

_SECONDS_BETWEEN_LINES = 5.0


def lines(stream: TextIO) -> Sink:
    """A sink that writes a line at the start, at each evaluation, at the end, and else every few seconds."""
    begun = last = time.monotonic()
    total = first = 0

    def write(event: Event) -> None:
        nonlocal begun, last, total, first
        match event:
            case Started():
                begun = last = time.monotonic()
                total, first = event.iterations, event.iteration
                again = f", from {format_count(event.iteration)}" if event.iteration else ""
                text = f"{event.name}: {format_count(total)} meta-iterations{again}, {event.schedule}, {event.folder}"
            case Iterated() if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
                last = time.monotonic()
                done = max(event.iteration - first, 1)
                left = format_duration((last - begun) / done * (total - event.iteration))
                text = f"{format_count(event.iteration)}/{format_count(total)}  {_metrics(event.metrics)}  {left} left"
            case Evaluated():
                mean = {name: steps[-1] for name, steps in event.mean.items()}
                text = f"{format_count(event.iteration)}  {event.split}: {_metrics(mean)}"
            case Warned():
                text = f"warning[{event.code}]: {event.message}"
            case WorkerLost():
                text = f"worker {event.worker} was lost ({event.reason}) and is replaced"
            case Finished():
                text = f"{format_duration(event.seconds)}, {event.tasks_per_second:.1f} tasks per second"
            case _:
                return
        print(text, file=stream, flush=True)

    return write


def _metrics(metrics) -> str:
    return "  ".join(f"{name} {value:.4f}" for name, value in metrics.items() if value is not None)
