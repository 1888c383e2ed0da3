from metaspec.spec.kind import Merge


class Mean(Merge):
    """The plain mean of the copies."""

    references = ("soulier2020",)
