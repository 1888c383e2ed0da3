"""One thread for every process that computes.

Sums of floating-point numbers come out differently with another number of intra-op threads, even with
deterministic operations. With one thread the bits depend neither on the machine's cores nor on its load.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal

# Read by TensorFlow, oneDNN and BLAS when they are loaded.
_ONE_THREAD = {
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def environment(device: Literal["cpu", "gpu"]) -> dict[str, str]:
    """Environment variables for a process that computes, to be set before it imports TensorFlow."""
    hidden = {"CUDA_VISIBLE_DEVICES": "-1"} if device == "cpu" else {}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "2")}
    return _ONE_THREAD | hidden | quiet


def limit(device: Literal["cpu", "gpu"], more: Mapping[str, str] | None = None) -> None:
    """Sets this process's own environment, for the schedule that computes in the process of the command.

    more: further variables that TensorFlow reads when it is loaded.

    Raises RuntimeError if TensorFlow already runs here with more than one thread.
    """
    by_environment = os.environ.get("TF_NUM_INTRAOP_THREADS") == "1"  # as after an earlier plan in this process
    # What TensorFlow says of compiled code that it loads would stand between the command's own lines.
    quiet = {"TF_CPP_MIN_LOG_LEVEL": os.environ.get("TF_CPP_MIN_LOG_LEVEL", "3")}
    os.environ.update(environment(device) | quiet | dict(more or {}))
    if "tensorflow" not in sys.modules:
        return
    threading = sys.modules["tensorflow"].config.threading
    try:
        threading.set_intra_op_parallelism_threads(1)
        threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # it runs already; a number of 0 is what the environment said when it began
        if threading.get_intra_op_parallelism_threads() != (0 if by_environment else 1):
            raise RuntimeError("TensorFlow already runs in this process with more than one thread") from None
