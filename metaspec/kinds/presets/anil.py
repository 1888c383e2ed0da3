from metaspec.spec.kind import Preset


class Anil(Preset):
    """Almost no inner loop: MAML whose inner steps change the head alone (Raghu et al. 2020)."""

    references = ("raghu2020",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), adapt = head, steps = 1, lr = 0.01 }
    metagrad = unroll { order = 2 }
    """
