from metaspec.spec.kind import Preset


class Cavia(Preset):
    """Context adaptation: the inner steps change inputs of the model, the context, and no weight (Zintgraf et al. 2019).

    The model needs `context = N`. The context starts at zero in every task and is not learned.
    """

    references = ("zintgraf2019",)
    expansion = """
    inner    = sgd { init = { context = zeros, rest = learned(glorot_uniform) }, adapt = [context], steps = 1, lr = 1.0 }
    metagrad = unroll { order = 2 }
    """
