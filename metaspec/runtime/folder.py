"""The run folder: where everything is, and who may write there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from metaspec.diagnostics import error
from metaspec.runtime.errors import RunError, disk


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Names of the files of one run."""

    path: Path

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def environment(self) -> Path:
        return self.path / "environment.json"

    @property
    def metrics(self) -> Path:
        return self.path / "metrics.jsonl"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """Output of the processes that compute: TensorFlow's messages, tracebacks of failed shards."""
        return self.path / "workers.log"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def parameters(self) -> Path:
        """The meta-parameters that the test figure comes from."""
        return self.path / "parameters.safetensors"

    @property
    def test_tasks(self) -> Path:
        """The figures of every test task."""
        return self.path / "test_tasks.safetensors"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def lock(self) -> Path:
        return self.path / ".lock"

    @property
    def begun(self) -> bool:
        return self.plan.exists()

    @property
    def finished(self) -> bool:
        return self.result.exists()


def fresh(runs: Path, name: str) -> Path:
    """Creates the first of runs/NAME, runs/NAME-2, ... that does not exist yet."""
    for path in _numbered(runs, name):
        with disk(path):
            runs.mkdir(parents=True, exist_ok=True)
            try:
                path.mkdir()
            except FileExistsError:
                continue
        return path
    raise AssertionError("the numbers do not end")


def latest(runs: Path, name: str) -> Path | None:
    """The last of runs/NAME, runs/NAME-2, ... that exists; None where there is none."""
    found = None
    for path in _numbered(runs, name):
        if not path.exists():
            return found
        found = path
    return found


def _numbered(runs: Path, name: str) -> Iterator[Path]:
    yield runs / name
    for number in count(2):
        yield runs / f"{name}-{number}"


@contextmanager
def claim(path: Path, resume: bool) -> Iterator[RunFolder]:
    """The folder, for this process alone during the block; it is created where it does not exist.

    The lock is the system's and ends with the process, however that ends. Raises RunError where another run
    has it, where it holds a run already (without `resume`), or where there is nothing to resume.
    """
    folder = RunFolder(path)
    with disk(path):
        if resume and not folder.begun:
            raise RunError(error("E0708", f"there is no run to resume in {path}", help=("start it without --resume",)))
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _lock(descriptor, path)
        if folder.begun and not resume:
            what, way = "a run", "continue it with --resume, in Python with `resume=True`"
            if folder.finished:
                what = "a finished run"
                way = f"`metaspec report {path}` shows it; in Python `resume=True` reads its result"
            help = (way, "or choose another folder with --out, in Python with `out`")
            raise RunError(error("E0701", f"{path} already holds {what}", help=help))
        with disk(path):
            folder.checkpoints.mkdir(exist_ok=True)
        yield folder
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        who = f"process {holder}" if holder else "another process"
        ways_out = ("wait for that run to end", "or choose another folder with --out")
        raise RunError(error("E0701", f"{path} is in use by {who}", help=ways_out)) from None
    with disk(path):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
