"""How a run went: planned beside measured, workers that were lost, what was decided on the way, the environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from metaspec.plan.render import render
from metaspec.report.markup import folded, preformatted, section, table
from metaspec.report.reading import Line, Run
from metaspec.report.times import spent

# Events that a reader wants to see one by one.
_TOLD = {"WorkerLost", "ShardFailed", "ShardSkipped", "Warned", "Stopped"}
_LONGEST = 50  # rows of the table of events


def conduct(run: Run) -> str:
    told = [event for event in run.events if event["event"] in _TOLD]
    rest = f"the first {_LONGEST} of {len(told)} events" if len(told) > _LONGEST else ""
    return section(
        "How it ran",
        table((), _facts(run)),
        "<h3>Lost workers, failed shards and warnings</h3>" if told else "",
        table(("time (UTC)", "event", "what happened"), (_row(event) for event in told[:_LONGEST])),
        f"<p class='soft'>{rest}</p>" if rest else "",
        folded("The plan", preformatted(render(run.plan))),
        folded("The environment", table((), ((key, str(value)) for key, value in run.environment.items()))),
    )


def _facts(run: Run) -> Iterator[tuple[str, str]]:
    counts = Counter(event["event"] for event in run.events)
    started = [event for event in run.events if event["event"] == "Started"]
    if started:
        yield "begun", _time(started[0])
        yield "schedule", f"{started[-1]['schedule']}, in {started[-1]['mode']}"
    if len(started) > 1:
        yield "resumed", f"{len(started) - 1} times"
    if run.result:
        result = run.result
        yield "meta-iterations", f"{result.iterations:_}; the test figures are those of meta-iteration {result.kept:_}"
        yield "time", spent(result)
        if result.skipped:
            yield "left out", f"{result.skipped:_} tasks, of shards that failed at every attempt"
        yield "hash of the learned values", result.parameters
        yield "hash of the last state", result.state
    else:
        yield "state", "not finished"
    yield "workers lost", str(counts["WorkerLost"])
    yield "attempts that failed", str(counts["ShardFailed"])


def _row(event: Line) -> tuple[str, str, str]:
    match event["event"]:
        case "WorkerLost":
            again = f"; {event['work']} was sent again" if event["work"] else ""
            return _time(event), "worker lost", f"worker {event['worker']} {event['reason']}{again}"
        case "ShardFailed":
            return _time(event), "attempt failed", f"{event['work']}, attempt {event['attempt']}: {event['reason']}"
        case "ShardSkipped":
            return _time(event), "shard left out", f"{event['work']}: {event['reason']}"
        case "Warned":
            return _time(event), "warning", f"{event['code']}: {event['message']}"
    return _time(event), "stopped", f"{event['code']}: {event['message']}"


def _time(event: Line) -> str:
    return datetime.fromtimestamp(event["time"], UTC).strftime("%Y-%m-%d %H:%M:%S")
