from metaspec.spec.kind import Preset


class ConvexMaml(Preset):
    """Gradient steps on the head alone, unrolled: the inner problem is convex (Khullar and Srivastava, equation 6).

    The same inner loop as ANIL, which came from another question; the features of a task are computed once.
    """

    references = ("khullar2020", "raghu2020")
    expansion = """
    inner    = sgd { init = learned(glorot_uniform), adapt = head, steps = 1, lr = 0.4 }
    metagrad = unroll { order = 2 }
    """
