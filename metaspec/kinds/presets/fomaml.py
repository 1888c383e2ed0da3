from metaspec.spec.kind import Preset


class Fomaml(Preset):
    """First-order MAML: the inner gradients are held constant (Finn et al. 2017, section 5.2)."""

    references = ("finn2017",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), steps = 1, lr = 0.01 }
    metagrad = unroll { order = 1 }
    """
