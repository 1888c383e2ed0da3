from metaspec.spec.kind import Preset


class ProtoMaml(Preset):
    """MAML whose head starts as the prototypes' linear classifier (Triantafillou et al. 2020, section 3).

    The derivative goes through the prototypes; the paper's code stops it at the features of the inner steps.
    """

    references = ("triantafillou2020", "snell2017")
    expansion = """
    inner    = sgd { init = { head = prototypes, rest = learned(glorot_uniform) }, steps = 5, lr = 0.01 }
    metagrad = unroll { order = 2 }
    """
