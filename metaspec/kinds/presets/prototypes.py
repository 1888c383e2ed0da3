from metaspec.spec.kind import Preset


class Prototypes(Preset):
    """Prototypical networks: the embedding is learned, the nearest class mean predicts (Snell et al. 2017)."""

    references = ("snell2017",)
    expansion = """
    inner    = prototypes { init = learned(glorot_uniform) }
    metagrad = unroll {}
    """
