"""The command of the paper's table, on drawn glyphs."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import metaspec
from benchmarks.paper_003 import METHODS, SPECS
from benchmarks.paper_003_page import unrest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_specs_have_no_mistakes(method):
    found = metaspec.load(
        SPECS / f"{method.spec}.meta", [*method.overrides, "characters.shots=5", "characters.data=glyphs {}"]
    )
    assert not [each for each in found.diagnostics if each.severity == "error"]


def test_unrest_of_a_norm():
    assert unrest(np.full(5, 3.0)) == 0.0
    assert unrest(np.array([1.0, 2.0, 1.0])) == pytest.approx(np.log(2.0))


@pytest.mark.slow
def test_command_prints_the_table_and_goes_on_where_it_was(tmp_path):
    command = [sys.executable, "-m", "benchmarks.paper_003", "--quick", "--out", str(tmp_path), "--shots", "1"]
    command += ["--only", "MAML", "--only", "ConvexMAML"]
    first, second = (
        subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=300) for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    rows = [line.split() for line in first.stdout.splitlines() if line.startswith("  MAML ")]
    assert rows[0][:2] == ["MAML", "0.76"]
    assert (tmp_path / "paper_003.html").read_text().count("<svg") == 4
    assert second.stderr == ""
    assert second.stdout == first.stdout
