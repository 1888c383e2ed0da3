"""What can go wrong while a plan runs, as exceptions that carry one diagnostic for the user."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metaspec.diagnostics import Diagnostic, error


class RunError(Exception):
    """A run that cannot go on. Everything up to its last checkpoint is kept."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic)

    def __str__(self) -> str:
        ways = "".join(f"\n  help: {way}" for way in self.diagnostic.help)
        return f"error[{self.diagnostic.code}]: {self.diagnostic.message}{ways}"


class Interrupted(RunError):
    """Ctrl-C or SIGTERM: the run was checkpointed and left. The command's exit code is 130."""


class DiskError(RunError):
    """The run folder cannot be written or read."""


@contextmanager
def disk(path: Path) -> Iterator[None]:
    """Turns a failure of the file system at `path` into a `DiskError` that says what to do."""
    try:
        yield
    except OSError as problem:
        raise DiskError(_disk_diagnostic(path, problem)) from problem


def _disk_diagnostic(path: Path, problem: OSError) -> Diagnostic:
    resume = "then continue with --resume; everything up to the last checkpoint is kept"
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = "no space is left" if problem.errno == errno.ENOSPC else "the limit for files is reached"
        return error("E0706", f"cannot write {path}: {reason}", help=(f"make room there, {resume}",))
    if problem.errno == errno.EROFS:
        help = ("choose a folder elsewhere with --out", f"or mount it writable, {resume}")
        return error("E0706", f"cannot write {path}: its file system is read-only", help=help)
    if problem.errno in (errno.EACCES, errno.EPERM):
        return error(
            "E0706",
            f"cannot write {path}: it is not writable for this user",
            help=("choose a writable folder with --out, or change its permissions",),
        )
    if problem.errno in (errno.ENOTDIR, errno.EEXIST):
        return error(
            "E0706",
            f"cannot use {path} as a run folder: a file is in its place",
            help=("choose another folder with --out",),
        )
    return error(
        "E0706",
        f"cannot use {path}: {(problem.strerror or str(problem)).lower()}",
        help=(f"see to the file system, {resume}",),
    )
