"""The run folder: where everything is, and who may write there."""

from __future__ import annotations

import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from metaspec.diagnostics import error
from metaspec.runtime.errors import RunError, disk

WRITTEN = ("spec.meta", "resolved.meta", "provenance.txt", "command.txt")
"""The files that say what is run, which `metaspec.api` writes."""
_OF_A_START = {
    *WRITTEN,
    *("plan.json", "environment.json", "metrics.jsonl", "events.jsonl", "workers.log", "checkpoints", ".lock"),
}
_NOBODYS = {".gitignore", ".gitkeep", ".DS_Store", "lost+found"}  # a folder with these alone counts as empty


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
    def command(self) -> Path:
        """The command that does the same run again."""
        return self.path / "command.txt"

    @property
    def begun(self) -> bool:
        return self.plan.exists()

    @property
    def vacant(self) -> bool:
        """Whether a run may begin here: there is nothing, or only what a start left that computed nothing."""
        if not self.path.exists():
            return True
        there = {each.name for each in self.path.iterdir()} - _NOBODYS
        if self.lock.name not in there:
            return not there
        computed = self.metrics.exists() and self.metrics.stat().st_size > 0
        kept = self.checkpoints.is_dir() and any(self.checkpoints.iterdir())
        return there <= _OF_A_START and not computed and not kept

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

    What a start left there that computed nothing makes room for the new one. The lock is the system's and ends with the
    process, however that ends. Raises RunError where another run has it, where it holds a run already (without
    `resume`) or files that are none of a run's, or where there is nothing to resume.
    """
    folder = RunFolder(path)
    with disk(path):
        if resume and not folder.begun:
            raise RunError(error("E0708", f"there is no run to resume in {path}", help=("start it without --resume",)))
        if not folder.begun and not folder.lock.exists() and not folder.vacant:
            raise _others(path)
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _lock(descriptor, path)
        with disk(path):
            vacant = folder.vacant
        if not resume and not vacant and not folder.begun:
            raise _others(path)
        if not resume and not vacant:
            what, way = "a run", "continue it with --resume, in Python with `resume=True`"
            if folder.finished:
                what = "a finished run"
                way = f"`metaspec report {path}` shows it; in Python `resume=True` reads its result"
            help = (way, "or choose another folder with --out, in Python with `out`")
            raise RunError(error("E0701", f"{path} already holds {what}", help=help))
        with disk(path):
            if not resume:
                _clear(folder)
            folder.checkpoints.mkdir(exist_ok=True)
        yield folder
    finally:
        os.close(descriptor)


def _others(path: Path) -> RunError:
    """A folder that somebody uses for something else."""
    help = (f"choose a folder that does not exist yet, such as --out {shlex.quote(str(path / 'run'))}",)
    return RunError(error("E0717", f"{path} is not empty, and what it holds is no run", help=help))


def _clear(folder: RunFolder) -> None:
    """Removes what a start left that computed nothing; the lock is held and stays."""
    for name in _OF_A_START - {folder.lock.name, folder.checkpoints.name}:
        (folder.path / name).unlink(missing_ok=True)


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
