"""The command in a process of its own."""

import os
import subprocess
import sys


def metaspec(*arguments: object, text: str | None = None, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "metaspec", *map(str, arguments)],
        capture_output=True,
        text=True,
        input=text,
        env=os.environ | environment,
        timeout=120,
    )
