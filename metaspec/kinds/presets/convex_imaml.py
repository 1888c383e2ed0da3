from metaspec.spec.kind import Preset


class ConvexImaml(Preset):
    """The head solved to optimality, and differentiated implicitly (Khullar and Srivastava, section 3.4).

    Newton steps solve the convex inner problem, so the meta-gradient is that of the exact solution; the paper leaves
    the convex solver open.
    """

    references = ("khullar2020", "rajeswaran2019")
    expansion = """
    inner    = newton { init = learned(glorot_uniform), adapt = head, proximal = 1.0, steps = 10, tolerance = 1e-4 }
    metagrad = implicit { solver = cg { iterations = 10, tolerance = 1e-4 } }
    """
