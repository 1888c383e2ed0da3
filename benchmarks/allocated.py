"""What compiled programs allocate, as XLA reports it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 2**20


@contextmanager
def reported() -> Iterator[Callable[[], int]]:
    """Within it, a function of the largest number of bytes that a program compiled so far allocates.

    To be entered before XLA has compiled anything in the process: it reads its flags once.
    """
    with tempfile.TemporaryDirectory() as name:
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_dump_to={name}".strip()

        def largest() -> int:
            reports = [path.read_text() for path in Path(name).glob("*memory-usage-report.txt")]
            return max(int(re.search(r"Total bytes used: (\d+)", report)[1]) for report in reports)

        yield largest
