"""Runs a small plan as a process of its own: `drive.py FOLDER '{"option": ...}'`. For tests that kill it.

Prints the hash of the last state; a RunError becomes one line on stderr and the exit code of the command.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from small_plan import small_plan

from metaspec.runtime.driver import run
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.events import Checkpointed, Iterated


def main(folder: str, options: str) -> int:
    chosen = json.loads(options)

    def follow(event) -> None:
        if isinstance(event, Iterated):
            print("iteration", event.iteration, flush=True)
        if isinstance(event, Checkpointed) and chosen.get("file_limit"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (chosen["file_limit"],) * 2)

    try:
        made = run(
            small_plan(chosen.get("workers", 2), **chosen.get("plan", {})),
            Path(folder),
            resume=chosen.get("resume", False),
            sinks=(follow,),
            factory=f"numpy_program:{chosen.get('program', 'Slow')}",
            preload=("numpy_program",),
            cache=Path(folder).parent / "cache",
        )
    except RunError as problem:
        print(problem, "|", *problem.diagnostic.help, file=sys.stderr)
        return 130 if isinstance(problem, Interrupted) else 3
    print("state", made.state)
    print("tensorflow" in sys.modules and "TensorFlow was imported")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
