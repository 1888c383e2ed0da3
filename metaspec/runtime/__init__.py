"""Plan -> events, checkpoints, results: the meta-training loop, its schedules and the run folder.

`driver.py` has the loop. `pools/` answers its requests, `exchanges/` makes one update of the answers, `folder.py` says
what lies in a run's folder.

The process that calls `run` imports TensorFlow only with the schedule `inline`.
"""

from metaspec.runtime.driver import run
from metaspec.runtime.errors import Interrupted, RunError
from metaspec.runtime.reevaluation import reevaluate
from metaspec.runtime.result import Result

__all__ = ["Interrupted", "Result", "RunError", "reevaluate", "run"]
