from metaspec.spec.kind import Preset


class Matching(Preset):
    """Matching networks: the embedding is learned, attention over the support set predicts (Vinyals et al. 2016).

    The factor of the cosines is learned too; the paper's is 1.
    """

    references = ("vinyals2016",)
    expansion = """
    inner    = matching { init = learned(glorot_uniform), scale = learned(10, scale = log) }
    metagrad = unroll {}
    """
