from metaspec.spec.kind import Preset


class R2d2(Preset):
    """Ridge regression on learned features; its regularisation, scale and shift are learned too (Bertinetto et al. 2019)."""

    references = ("bertinetto2019",)
    expansion = """
    inner    = ridge { init = learned(glorot_uniform), l2 = learned(1, scale = log), scale = learned(1, scale = log), shift = learned(0) }
    metagrad = unroll {}
    """
