"""What people see of a run."""

import io
from dataclasses import replace

from rich.console import Console
from rich.progress import Progress, TextColumn

from metaspec.runtime.events import Compiling, Evaluated, Iterated, Preparing, Started, WorkerLost, WorkerStarted
from metaspec.runtime.progress import Bar, Lines, display, duration, rate, told

STARTED = Started("sine", "runs/sine", 0, 1000, 25, "shards", "pool")


def test_plain_lines_come_every_few_seconds():
    now, lines = [0.0], []
    sink = Lines(lines.append, clock=lambda: now[0])
    sink(STARTED)
    for iteration in range(1, 101):
        now[0] = iteration / 10
        sink(Iterated(iteration, 1, {"query_loss": 1 / iteration, "gradient_norm": 3.0}))
    assert lines[0] == "sine: 1000 meta-iterations in runs/sine"
    assert lines[1:] == [
        "1/1000  query_loss 1",
        "51/1000  query_loss 0.01961  250 tasks/s  1 min 35 s left",
    ]


def test_a_stream_that_is_no_terminal_gets_lines(run_small):
    stream = io.StringIO()
    with display(stream) as sink:
        run_small(0, sinks=(sink,))
    lines = stream.getvalue().splitlines()
    assert lines[0].startswith("building the graphs") and lines[1].startswith("small: 30 meta-iterations in ")
    assert lines[2].startswith("1/30  query_loss ")
    assert lines[3].startswith("10  validation: query_loss ") and lines[3].endswith("the best so far")
    assert lines[-1].split()[1] == "test:" and "\x1b" not in stream.getvalue()


def test_the_bar_shows_the_same_figures():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=120)
    with Progress(TextColumn("{task.completed} {task.fields[now]}"), console=console, auto_refresh=False) as bar:
        sink = Bar(bar)
        sink(STARTED)
        sink(Iterated(500, 500, {"accuracy": 0.5}))
        bar.refresh()
    assert "500 accuracy 0.5" in stream.getvalue() and "sine: 1000 meta-iterations" in stream.getvalue()


def test_figures_stand_with_their_interval():
    event = Evaluated(500, "test", 600, {"accuracy": (0.2, 0.9123)}, {"accuracy": (0.01, 0.00812)}, False)
    assert told(event) == "500  test: accuracy 0.9123 ± 0.00812 over 600 tasks"


def test_a_lost_worker_is_told():
    event = WorkerLost(1, 99, "gave no answer for 5 s", "shard 3 of meta-iteration 2")
    expected = "worker 1 gave no answer for 5 s and is replaced; shard 3 of meta-iteration 2 is sent again"
    assert told(event) == expected
    assert told(replace(event, again=False)).endswith("; shard 3 of meta-iteration 2 was sent for the last time")


def test_durations():
    assert [duration(n) for n in (0.4, 41, 310, 7380)] == ["0 s", "41 s", "5 min 10 s", "2 h 03 min"]


def test_slow_tasks_are_told_by_the_time_of_one():
    assert rate(1234.5) == "1_234 tasks/s" and rate(1.0) == "1 tasks/s"
    assert rate(0.02) == "50 s a task" and rate(0.0) == "0 tasks/s"


def test_plain_lines_say_what_the_start_waits_for():
    lines = []
    sink = Lines(lines.append)
    for event in (Preparing(2), Compiling(), STARTED, WorkerStarted(0, 1, 11.6), WorkerStarted(1, 2, 12.0)):
        sink(event)
    assert lines == [
        "starting 2 workers, which takes some seconds",
        "compiling the graphs; the next run of the same plan only loads them",
        "sine: 1000 meta-iterations in runs/sine",
        "the first worker was ready after 12 s",
    ]
