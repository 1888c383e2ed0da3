from metaspec.spec.kind import Preset


class Multitask(Preset):
    """Multi-task learning, the plain baseline: one set of weights for all tasks, and no adaptation (Caruana 1997)."""

    references = ("caruana1997",)
    expansion = """
    inner    = none { init = learned(glorot_uniform) }
    metagrad = joint {}
    """
