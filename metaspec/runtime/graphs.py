"""The graphs of a plan, in words: traced in this process, which loads TensorFlow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from metaspec.data.store import cache_folder
from metaspec.plan.model import Plan
from metaspec.runtime.pools.inline import stderr_into
from metaspec.runtime.threads import limit

if TYPE_CHECKING:
    from metaspec.backend.describe import Graph


def described(plan: Plan) -> tuple[Graph, ...]:
    """What `metaspec show --as graph` prints. Raises DataError where the items of a task cannot be had."""
    limit(plan.spec.train.device)
    with stderr_into(Path(os.devnull)):
        from metaspec.backend.describe import describe
        from metaspec.backend.program import Program

    return describe(Program(plan, cache_folder()))
