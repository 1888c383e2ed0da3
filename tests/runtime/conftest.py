"""What the tests of the runtime share: a run of the small plan here, and one in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_plan import small_plan

from tests.small_runs import small_runs

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def run_small(tmp_path):
    """run_small(workers, program=..., folder=..., resume=..., sinks=..., **plan) -> Result"""
    return small_runs(tmp_path, small_plan, "numpy_program")


@pytest.fixture
def drive():
    """drive(folder, **options) -> Popen of drive.py; whatever still runs is killed after the test."""
    started = []

    def go(folder: Path, **options) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "drive.py"), str(folder), json.dumps(options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{HERE}"},
        )
        started.append(process)
        return process

    yield go
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
