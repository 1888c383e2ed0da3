from metaspec.spec.kind import Preset


class Maml(Preset):
    """Model-agnostic meta-learning: the initial weights are learned through the inner steps (Finn et al. 2017)."""

    references = ("finn2017",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), steps = 1, lr = 0.01 }
    metagrad = unroll { order = 2 }
    """
