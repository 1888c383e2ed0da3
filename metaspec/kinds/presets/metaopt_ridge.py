from metaspec.spec.kind import Preset


class MetaoptRidge(Preset):
    """MetaOptNet with ridge regression: a fixed regularisation of 50 and a learned scale (Lee et al. 2019)."""

    references = ("lee2019",)
    expansion = """
    inner    = ridge { init = learned(glorot_uniform), l2 = 50, scale = learned(1, scale = log) }
    metagrad = unroll {}
    """
