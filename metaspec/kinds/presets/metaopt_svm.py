from metaspec.spec.kind import Preset


class MetaoptSvm(Preset):
    """MetaOptNet with the multi-class support vector machine: cost 0.1 and a learned scale (Lee et al. 2019)."""

    references = ("lee2019", "crammer2001")
    expansion = """
    inner    = svm { init = learned(glorot_uniform), cost = 0.1, scale = learned(1, scale = log) }
    metagrad = unroll {}
    """
