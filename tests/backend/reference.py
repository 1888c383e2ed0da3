"""Numeric fixtures that lie beside the repository: found through METASPEC_REFERENCE or ../shared/reference."""

import os
from pathlib import Path

import numpy as np
import pytest

BESIDE = Path(__file__).parents[3] / "shared" / "reference"


def fixture(name: str):
    """The arrays of a fixture; skips the test where it is not there."""
    path = Path(os.environ.get("METASPEC_REFERENCE", BESIDE)) / name
    if not path.is_file():
        pytest.skip(f"{name} is not here: set METASPEC_REFERENCE to its folder")
    return np.load(path)
