"""A user for whom permissions count: tests as root would read everything."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[None]:
    """This process as a user who is not root, until the end of the block. Skips where it cannot become one."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(_NOBODY)  # the kernel drops the right to read everything with it
    except OSError as reason:
        pytest.skip(f"cannot act as another user than root: {reason}")
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that every user may read: those of pytest are its user's alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
