"""The inner method of docs/extending.md: written into a copy of the package, its test passes and its spec runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = (
    "metaspec/kinds/inner/clipped.py",
    "metaspec/backend/inner/clipped.py",
    "specs/clipped.meta",
    "tests/backend/inner/test_clipped.py",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the sources with the four files."""
    folder = tmp_path_factory.mktemp("copy")
    for part in ("metaspec", "grammar"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    page = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
    for name in FILES:
        block = re.search(rf"`{name}`\n\n```[a-z]*\n(.*?)```", page, re.DOTALL)
        assert block, f"docs/extending.md does not show {name}"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(block[1], encoding="utf-8")
    return folder


def python(folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def test_its_test_passes(copy):
    done = python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", FILES[3])
    assert "1 passed" in done.stdout, done.stdout


def test_its_spec_runs(copy):
    done = python(copy, "-m", "metaspec", "run", FILES[2], "--quick")
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("  inner.clip")]
    assert "began as 0.5" in line and "hidden1 0.5, " not in line  # each layer's own has been learned


def test_it_is_listed_and_explained(copy):
    assert "entries are held" in python(copy, "-m", "metaspec", "list", "inner").stdout
    assert "largest size" in python(copy, "-m", "metaspec", "explain", "inner.clipped").stdout


def test_its_field_has_a_range_and_no_tolerance_goes_unheeded(copy):
    wrong = python(copy, "-m", "metaspec", "check", FILES[2], "-s", "inner.clip=-1")
    assert "above 0" in wrong.stdout + wrong.stderr
    ends = python(
        copy, "-m", "metaspec", "run", FILES[2], "--quick", "-s", "inner.tolerance=1e6", "-s", "inner.proximal=1"
    )
    (line,) = [line for line in ends.stdout.splitlines() if line.startswith("            5")]
    (before,) = [line for line in ends.stdout.splitlines() if line.startswith("            0")]
    assert line.split()[1] == before.split()[1]  # every task's steps end before the first
