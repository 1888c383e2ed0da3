"""Requests to a competitor's process: one JSON object for each line, `{"do": NAME, ...arguments}`.

Standard library only, so that the peers' interpreter needs nothing of metaspec's.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class CompetitorFailed(Exception):
    """A competitor's process ended, or a request raised there."""


class Competitor:
    """A competitor's process, from the orchestrator's side. It waits for its input between two requests."""

    def __init__(self, name: str, python: str, module: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [python, "-m", module],
                cwd=ROOT,
                env=os.environ | dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer to one request. Raises CompetitorFailed where there is none."""
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError as problem:
            raise CompetitorFailed(f"{self.name} ended; its output is in {self._log}") from problem
        if not line:
            raise CompetitorFailed(f"{self.name} ended during `{do}`; its output is in {self._log}")
        answer = json.loads(line)
        if "failed" in answer:
            raise CompetitorFailed(f"{self.name}, `{do}`: {answer['failed']}; the rest is in {self._log}")
        return answer

    def close(self) -> None:
        """Ends the process. What a request left unsent in the pipe is lost with the process that did not read it."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def serve(handlers: Mapping[str, Callable[..., dict[str, Any]]]) -> None:
    """The competitor's side: answers until its input is closed. What a library prints goes to the log."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = handlers[request.pop("do")](**request)
        except Exception as problem:
            traceback.print_exc()
            answer = {"failed": f"{type(problem).__name__}: {problem}".splitlines()[0]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
