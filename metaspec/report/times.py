"""What the time of a run went to."""

from __future__ import annotations

from metaspec.runtime.progress import duration, rate
from metaspec.runtime.result import Result


def spent(result: Result) -> str:
    """ "44 s: 26 s of training at 50 tasks per second, 18 s of start, compiling and evaluation"."""
    whole = duration(result.seconds)
    if result.iterations == 0:
        return f"{whole}, all of it start, compiling and evaluation"
    pace = rate(result.tasks_per_second, "training tasks per second", "for each training task")
    rest = duration(
        round(result.seconds) - round(result.training_seconds)
    )  # so that the parts add up as they are shown
    return (
        f"{whole}: {duration(result.training_seconds)} of training at {pace}, {rest} of start, compiling and evaluation"
    )
