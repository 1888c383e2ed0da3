from metaspec.spec.kind import Merge


class LossWeighted(Merge):
    """Weights proportional to one over a copy's last loss."""

    references = ("soulier2020",)
