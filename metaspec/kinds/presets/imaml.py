from metaspec.spec.kind import Preset


class Imaml(Preset):
    """MAML by the implicit function theorem: the path to the adapted weights is not kept (Rajeswaran et al. 2019).

    The inner loss is pulled to the initial weights by `proximal`, the paper's lambda. Its settings for characters:
    16 gradient steps, 25 with 20 ways; 5 iterations of conjugate gradients, which its code damps by 1.
    """

    references = ("rajeswaran2019",)
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), steps = 16, lr = 0.1, proximal = 2.0 }
    metagrad = implicit { solver = cg { iterations = 5, damping = 1.0 } }
    """
