from typing import ClassVar

from metaspec.spec.kind import Metagrad


class NoGradient(Metagrad):
    """No meta-gradient: the outer method takes the scores of candidates, `elite`, `cma_es` or `pbt`.

    The score of a candidate is the objective summed over the tasks of a meta-iteration, the same tasks, initial weights
    and batches for all candidates. Inner steps are evaluated and never differentiated. A candidate whose objective is
    not finite counts as the worst.
    """

    carries: ClassVar[bool] = True
    sees_steps: ClassVar[bool] = True
    knows_start: ClassVar[bool] = True
    values_alone: ClassVar[bool] = True
