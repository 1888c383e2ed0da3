from metaspec.spec.kind import Merge


class LossMedian(Merge):
    """The copies whose last loss is at most the median, in equal shares."""

    references = ("soulier2020",)
