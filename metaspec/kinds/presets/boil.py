from metaspec.spec.kind import Preset


class Boil(Preset):
    """Body only in the inner loop: MAML whose inner steps change all layers but the head (Oh et al. 2021)."""

    references = ("oh2021",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), adapt = body, steps = 1, lr = 0.5 }
    metagrad = unroll { order = 2 }
    """
