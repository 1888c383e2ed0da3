"""Times `metaspec check` on a spec of some 200 lines, as a process of its own, and looks for TensorFlow in it.

python benchmarks/check_time.py [LINES] [TIMES]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_TASK = """
task sine{number} = sinusoid {{
  amplitude = uniform(0.1, {number}.0)      # drawn per task
  phase     = uniform(0, pi)
  shots     = {number}
  queries   = 10
}}
"""
_REST = """
model net = mlp { hidden = [40, 40] }
inner     = maml { steps = 1, lr = 0.01 }
outer     = adam { lr = cosine(1e-3, 1e-4) }
train     { iterations = 1_000, tasks = 25 }
evaluate  { every = 100, tasks = 600 }
"""
_LOOK = """
import sys
from metaspec.cli.main import main
code = main(sys.argv[1:])
print("tensorflow" in sys.modules)
sys.exit(code)
"""


def spec(lines: int) -> str:
    """A right spec of about so many lines, most of them tasks."""
    count = max(1, (lines - _REST.count("\n") - 1) // _TASK.count("\n"))
    return "language 1\n" + "".join(_TASK.format(number=number) for number in range(1, count + 1)) + _REST


def main(lines: int, times: int) -> None:
    text = spec(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "long.meta")
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-c", _LOOK, "check", str(path)]
        seconds = []
        for _ in range(times):
            began = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds.append(time.perf_counter() - began)
    imported = done.stdout.splitlines()[-1] == "True"
    print(
        f"metaspec check on {len(text.splitlines())} lines: median {statistics.median(seconds):.3f} s, "
        f"fastest {min(seconds):.3f} s of {times}; TensorFlow imported: {'yes' if imported else 'no'}"
    )


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    main(*given, *(200, 7)[len(given) :])
