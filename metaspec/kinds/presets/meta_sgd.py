from metaspec.spec.kind import Preset


class MetaSgd(Preset):
    """Meta-SGD: initial weights and one step size for each parameter are learned, in one step (Li et al. 2017)."""

    references = ("li2017",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), steps = 1, lr = learned(0.01, per = parameter) }
    metagrad = unroll { order = 2 }
    """
