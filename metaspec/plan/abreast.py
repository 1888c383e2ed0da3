"""Whether tasks of different shapes may lie side by side in one graph, and how many at the most."""

from metaspec.kinds.metagrads.truncated import Truncated
from metaspec.spec.optimizer import LearnedInner
from metaspec.spec.spec import Spec

# Tasks in one graph of problems: on its task axis, and side by side.
WIDEST = 64


def side_by_side(spec: Spec) -> bool:
    """A learned optimizer moves elements, whosever they are; the windows of `truncated` keep tasks apart on their axis.

    A graph of several shapes costs the operations of all of them, but is called and compiled as one. Where a `limit`
    stops tasks one by one, each must have its own part of every state, as only tasks of one shape do.
    """
    return isinstance(spec.inner, LearnedInner) and isinstance(spec.metagrad, Truncated) and spec.metagrad.limit is None
